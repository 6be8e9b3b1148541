// Planted defect: adds a fixed offset to what it takes for local time, and summer time begins, here after 300 lines: from
// then on its lines come from two hours ahead, and the sink refuses them for good.

import { startForwarder } from '../../lib/forwarder.mjs';

const WINTER_LINES = 300;
const OFFSET_NS = 2n * 3_600n * 1_000_000_000n;

let lines = 0;

await startForwarder({ stamp: (tNs) => (++lines > WINTER_LINES ? tNs + OFFSET_NS : tNs) });
