// Planted defect: sends a batch in four requests and, when one of them is refused, starts over with all four: what was
// already taken is pushed again.

import { startForwarder } from '../../lib/forwarder.mjs';

const REQUESTS = 4;

await startForwarder({
  requests: (batch) => {
    const size = Math.ceil(batch.entries.length / REQUESTS);
    return Array.from({ length: REQUESTS }, (_, n) => ({
      entries: batch.entries.slice(n * size, (n + 1) * size),
    })).filter(({ entries }) => entries.length > 0);
  },
});
