// Planted defect: ends at SIGTERM at once, with all that it holds.

import { startForwarder } from '../../lib/forwarder.mjs';

// Before the forwarder's own handler, which would drain.
process.on('SIGTERM', () => process.exit(0));

await startForwarder();
