// Planted defect: keeps something of each line for ever: 24 KiB that nobody asks for again.

import { startForwarder } from '../../lib/forwarder.mjs';

const KEPT_BYTES = 24_576;
const kept = [];

await startForwarder({
  received: () => {
    kept.push(Buffer.alloc(KEPT_BYTES, 1));
  },
});
