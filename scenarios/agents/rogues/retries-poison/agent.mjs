// Planted defect: takes 400, the refusal of a line for good, for trouble that passes. It sends the same batch again and
// again, and all that comes after waits behind it.

import { startForwarder } from '../../lib/forwarder.mjs';

await startForwarder({
  refused: ({ answer, advice }) => (answer.status === 400 ? 'retry' : advice),
  // It never ends by itself.
  stopWithinMs: 2_000,
});
