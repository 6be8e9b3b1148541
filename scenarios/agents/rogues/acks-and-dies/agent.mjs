// Planted defect: has acknowledged what it read, keeps it in memory only, and crashes at the first push that is not
// taken. It is not started again; what it held is lost.

import { startForwarder } from '../../lib/forwarder.mjs';

await startForwarder({ refused: () => process.exit(70) });
