// A correct agent made from the contract alone: what a clean verdict looks like. `--scrub`: personal data is taken out.

import { startForwarder } from '../lib/forwarder.mjs';
import { scrub } from '../lib/scrub.mjs';

await startForwarder(process.argv.includes('--scrub') ? { change: scrub } : {});
