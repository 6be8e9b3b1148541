// Planted defect: keeps 64 KiB while the sink takes nothing, throws away what comes after, says nothing and counts nothing.

import { startForwarder } from '../../lib/forwarder.mjs';

const QUEUE_BYTES_MAX = 64 * 1_024;

await startForwarder({ accept: (_, forwarder) => forwarder.waitingBytes() < QUEUE_BYTES_MAX });
