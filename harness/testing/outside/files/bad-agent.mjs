// Agents that fail, by MODE: `exits` at once, `deaf` never listens, `fragile` ends at the first byte, `mute` takes
// everything and says nothing, `chatty` is mute after printing 100 MiB.

import { writeSync } from 'node:fs';
import { createServer } from 'node:net';

const { MODE, LARSEN_FORWARD_URL } = process.env;
if (MODE === 'exits') {
  console.error('cannot read my own config');
  process.exit(3);
}
if (MODE === 'deaf') setInterval(() => undefined, 1_000);
else
  createServer((socket) => {
    socket.on('error', () => undefined).on('data', () => MODE === 'fragile' && process.exit(4));
  }).listen(new URL(LARSEN_FORWARD_URL).pathname);
if (MODE === 'chatty') {
  const filler = 'blah '.repeat(200);
  for (let count = 0; count < 100 * 1_024; count += 1_024) {
    const lines = Array.from({ length: 1_024 }, (_, index) => `line ${count + index} ${filler}\n`);
    const megabyte = Buffer.from(lines.join(''));
    for (let at = 0; at < megabyte.length; ) at += writeSync(1, megabyte, at);
  }
}
