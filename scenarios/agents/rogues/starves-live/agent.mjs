// Planted defect: pushes small batches at a fixed pace, hardly more than comes in. That is enough on a normal day; after
// an outage each new line waits behind the whole backlog.

import { setTimeout as sleep } from 'node:timers/promises';
import { startForwarder } from '../../lib/forwarder.mjs';

const BATCH_BYTES = 64 * 1_024;
const PAUSE_MS = 350;

await startForwarder({
  bounds: { bytesMax: BATCH_BYTES, ageMs: 1_000 },
  beforePush: (forwarder) => (forwarder.isStopping() ? undefined : sleep(PAUSE_MS)),
});
