// Planted defect: stops reading its socket after a number of lines, for good. Everything else goes on, its health
// page too.

import { startForwarder } from '../../lib/forwarder.mjs';

const lines = Number(process.argv[2] ?? 2_000);

await startForwarder({
  received: ({ count, forwarder }) => {
    if (count === lines) forwarder.stopReading();
  },
});
