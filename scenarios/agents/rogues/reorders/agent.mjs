// Planted defect: stamps each ten lines the wrong way round, as parallel workers do that take the time when they are done.

import { startForwarder } from '../../lib/forwarder.mjs';

const GROUP = 10;
const STEP_NS = 2_000_000n;

let count = 0;

await startForwarder({ stamp: (tNs) => tNs + BigInt(GROUP - 1 - (count++ % GROUP)) * STEP_NS });
