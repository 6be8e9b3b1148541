// Planted defect: stops pushing after a number of lines and goes on reading; its health page answers 200. At SIGTERM it
// delivers all that it holds, so nothing is lost: it was only not there when it was needed.

import { setTimeout as sleep } from 'node:timers/promises';
import { startForwarder } from '../../lib/forwarder.mjs';

const lines = Number(process.argv[2] ?? 500);
let received = 0;

await startForwarder({
  received: ({ count }) => {
    received = count;
  },
  beforePush: async (forwarder) => {
    while (received > lines && !forwarder.isStopping()) await sleep(50);
  },
  health: () => true,
});
