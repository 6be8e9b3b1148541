// Lines of the program itself on its standard output, each with one write(2). Never through process.stdout: on a
// pipe that queues without bound, where a real agent's write blocks.

import { writeSync } from 'node:fs';

/** Writes all bytes to file descriptor 1 and blocks until they are taken. Ends the program when nobody reads. */
export function writeOut(bytes) {
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(1, bytes, at);
    } catch (error) {
      if (error.code !== 'EAGAIN') process.exit(1);
      // Somebody has made the pipe non-blocking; wait as write(2) would have.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}

/** One line of the program's own, with the time in front. */
export function logOwn(text) {
  writeOut(Buffer.from(`${new Date().toISOString()} ${text}\n`));
}
