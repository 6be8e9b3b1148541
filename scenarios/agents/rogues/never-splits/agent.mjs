// Planted defect: bounds its batches by time alone and sends one that was refused for its size again as it is.

import { startForwarder } from '../../lib/forwarder.mjs';

const FLUSH_MS = 6_000;

await startForwarder({
  bounds: { bytesMax: Number.POSITIVE_INFINITY, ageMs: FLUSH_MS },
  refused: () => 'retry',
  // It never ends by itself.
  stopWithinMs: 2_000,
});
