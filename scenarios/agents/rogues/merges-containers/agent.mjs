// Planted defect: joins the pieces of long lines in the order in which they come, whichever container they are from.

import { startForwarder } from '../../lib/forwarder.mjs';

await startForwarder({ partialKey: () => 'the line' });
