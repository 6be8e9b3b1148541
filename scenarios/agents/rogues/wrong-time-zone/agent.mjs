// Planted defect: takes local time for UTC, or the other way round. `--offset -5`: its lines bear a time of five hours ago.
// `--after 300`: only once summer time has begun, here after 300 lines.

import { parseArgs } from 'node:util';
import { startForwarder } from '../../lib/forwarder.mjs';

const { values } = parseArgs({
  options: { offset: { type: 'string', default: '2' }, after: { type: 'string', default: '0' } },
});
const offsetNs = BigInt(Math.round(Number(values.offset) * 3_600)) * 1_000_000_000n;
let lines = 0;

await startForwarder({ stamp: (tNs) => (++lines > Number(values.after) ? tNs + offsetNs : tNs) });
