// Planted defect: takes local time for UTC. Two hours east of Greenwich its lines come from the future, and the sink
// refuses them for good.

import { startForwarder } from '../../lib/forwarder.mjs';

const OFFSET_NS = 2n * 3_600n * 1_000_000_000n;

await startForwarder({ stamp: (tNs) => tNs + OFFSET_NS });
