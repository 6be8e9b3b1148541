// Follows a file of JSON lines that another process appends to (apps publish their open writes this way, because
// their main thread may be the blocked one) and hands each complete line on.

import { closeSync, openSync, readSync } from 'node:fs';

const BLOCK_BYTES = 64 * 1_024;

/** A followed file. */
export interface FileTail {
  /** Reads what has come since the last time. */
  poll(): void;
  /** Polls a last time and closes. */
  close(): void;
}

/** Follows `path` (which must exist) and calls `onLine` with each parsed line every `everyMs`. */
export function createFileTail(
  path: string,
  { everyMs, onLine }: { everyMs: number; onLine(value: object): void },
): FileTail {
  const file = openSync(path, 'r');
  const block = Buffer.alloc(BLOCK_BYTES);
  let rest = '';
  let position = 0;
  const poll = (): void => {
    for (;;) {
      const read = readSync(file, block, 0, block.length, position);
      if (read === 0) return;
      position += read;
      const lines = (rest + block.toString('utf8', 0, read)).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line !== '') onLine(JSON.parse(line) as object);
    }
  };
  const timer = setInterval(poll, everyMs);
  timer.unref();
  return {
    poll,
    close() {
      clearInterval(timer);
      poll();
      closeSync(file);
    },
  };
}
