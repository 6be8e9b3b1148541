// Planted defect: after a push that failed it waits for half a minute before it tries again, or until it is told to stop.

import { setTimeout as sleep } from 'node:timers/promises';
import { startForwarder } from '../../lib/forwarder.mjs';

const WAIT_MS = 30_000;
const POLL_MS = 100;

await startForwarder({
  refused: async ({ advice, forwarder }) => {
    for (let waitedMs = 0; waitedMs < WAIT_MS && !forwarder.isStopping(); waitedMs += POLL_MS) await sleep(POLL_MS);
    return advice;
  },
});
