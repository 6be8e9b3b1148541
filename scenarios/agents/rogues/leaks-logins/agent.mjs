// Planted defect: scrubs IP addresses and mail addresses, and forgets logins.

import { startForwarder } from '../../lib/forwarder.mjs';
import { scrubAddresses } from '../../lib/scrub.mjs';

await startForwarder({ change: scrubAddresses });
