// Planted defect: reads bytes that are not UTF-8 as Latin-1, so that one byte of such a line becomes two.

import { isUtf8 } from 'node:buffer';
import { startForwarder } from '../../lib/forwarder.mjs';

await startForwarder({ change: (line) => (isUtf8(line) ? line : Buffer.from(line.toString('latin1'))) });
