// Planted defect: does not join what Docker cut at 16 KiB: each piece is an entry of its own.

import { startForwarder } from '../../lib/forwarder.mjs';

await startForwarder({ partialKey: () => null });
