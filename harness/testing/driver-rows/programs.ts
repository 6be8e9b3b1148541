// The programs that the rows run, as texts of Node scripts, and how far one of them has come.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sleep } from '../../core/real-clock.ts';

/** Lines of 99 bytes or as long as asked, so many, with the count of finished writes in a file beside the socket. */
export const FLOOD = (count: number, chars = 99): string => `
const fs = require('node:fs');
const done = Buffer.alloc(4);
const counter = fs.openSync(process.env.LARSEN_FOLDER + '/count', 'w');
for (let seq = 0; seq < ${count}; seq++) {
  fs.writeSync(1, String(seq).padEnd(${chars}, 'x') + '\\n');
  done.writeUInt32LE(seq + 1);
  fs.writeSync(counter, done, 0, 4, 0);
}`;
/** The bytes of a text on stdout or stderr, one per character. */
export const WRITE = (text: string, fd = 1): string =>
  `require('node:fs').writeSync(${fd}, Buffer.from(${JSON.stringify(Buffer.from(text, 'latin1').toString('base64'))}, 'base64'));`;

/** Lines whose write(2) has returned, once no more are for a while. */
export async function settledCount(folder: string): Promise<number> {
  const path = join(folder, 'count');
  const read = (): number => {
    const bytes = existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
    return bytes.length < 4 ? 0 : bytes.readUInt32LE(0);
  };
  for (let before = -1, waitedMs = 0; waitedMs < 30_000; waitedMs += 800) {
    const now = read();
    if (now > 0 && now === before) break;
    before = now;
    await sleep(800);
  }
  return read();
}

/** Waits for something to be true, not longer than that. */
export async function waitFor(isTrue: () => boolean, withinMs: number): Promise<void> {
  for (let waitedMs = 0; !isTrue() && waitedMs < withinMs; waitedMs += 50) await sleep(50);
}
