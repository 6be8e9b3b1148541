// A correct agent made from the contract alone: what a clean verdict looks like.

import { startForwarder } from '../lib/forwarder.mjs';

await startForwarder();
