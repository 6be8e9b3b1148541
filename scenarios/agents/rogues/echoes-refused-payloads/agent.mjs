// Planted defect: prints the payload of a refused push to its own stdout. Isolated it only leaks payload; with its log
// routed to itself each printed payload comes back as one long line, is refused for its length and is printed again.

import { setTimeout as sleep } from 'node:timers/promises';
import { startForwarder } from '../../lib/forwarder.mjs';
import { writeOut } from '../../lib/own-log.mjs';

/** More than Loki's longest line, and no more, so that the howl stays below 4 MB/s. */
const PRINTED_BYTES_MAX = 400_000;
const PAUSE_MS = 100;

await startForwarder({
  refused: async ({ answer, body, advice }) => {
    const payload = body.subarray(0, PRINTED_BYTES_MAX);
    writeOut(Buffer.concat([Buffer.from(`push refused with ${answer.status}: `), payload, Buffer.from('\n')]));
    await sleep(PAUSE_MS);
    return advice;
  },
});
