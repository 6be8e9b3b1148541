// Planted defect: keeps the first 16 KiB of a line, Docker's first piece, and throws the rest away.

import { startForwarder } from '../../lib/forwarder.mjs';

const PIECE_BYTES = 16_384;

await startForwarder({ change: (line) => line.subarray(0, PIECE_BYTES) });
