// A log file that cannot fill a disk: the head of what is written goes to the file at once, of the rest the tail is
// kept in memory and written behind a line that says how much is missing, when the file is closed.

import { closeSync, openSync, writeSync } from 'node:fs';

/** How much is kept, bytes. */
export interface CappedFileLimits {
  headBytes: number;
  tailBytes: number;
}

const DEFAULT_LIMITS: CappedFileLimits = { headBytes: 8_388_608, tailBytes: 1_048_576 };
const BLOCK_BYTES = 65_536;

/** A file open for appending. */
export interface CappedFile {
  /** Appends a text; kept in memory until the next flush. */
  write(text: string): void;
  flush(): void;
  /** Writes the tail and closes the file. */
  close(): void;
}

/** Creates (or empties) the file at `path`. Throws what the file system throws. */
export function createCappedFile(path: string, limits: CappedFileLimits = DEFAULT_LIMITS): CappedFile {
  const file = openSync(path, 'w', 0o644);
  let block = '';
  let headBytes = 0;
  let skippedBytes = 0;
  const tail: string[] = [];
  let tailBytes = 0;

  const flush = (): void => {
    if (block !== '') writeSync(file, block);
    block = '';
  };
  const keepTail = (text: string): void => {
    tail.push(text);
    tailBytes += text.length;
    while (tailBytes - tail[0]!.length > limits.tailBytes) {
      const length = tail.shift()!.length;
      tailBytes -= length;
      skippedBytes += length;
    }
  };
  return {
    write(text) {
      if (headBytes + text.length > limits.headBytes || tail.length > 0) return keepTail(text);
      headBytes += text.length;
      block += text;
      if (block.length > BLOCK_BYTES) flush();
    },
    flush,
    close() {
      if (skippedBytes > 0) block += `{"larsen":"about ${skippedBytes} bytes left out here"}\n`;
      block += tail.join('');
      flush();
      closeSync(file);
    },
  };
}
