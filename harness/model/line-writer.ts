// Appends line records to one `lines/<app>.bin`: collects them in a block and writes whole blocks with O_APPEND,
// so that several processes can append to the same file without tearing a record. Used by every witness.

import { closeSync, openSync, writeSync } from 'node:fs';
import { encodeLineRecord, LINE_RECORD_BYTES } from './line-record.ts';

const BLOCK_RECORDS = 2_048;

/** Appends records to a lines file. */
export interface LineWriter {
  /** Adds one record; written at the latest when the block of 2,048 is full. Fields as in model/line-record.ts. */
  append(
    kind: number,
    hop: number,
    detail: number,
    seq: number,
    atNs: number,
    value: number,
    bytes: number,
    crc: number,
  ): void;
  /** Writes what is collected. Throws when the disk refuses (the run is then unknown). */
  flush(): void;
  /** Flushes and closes the file. */
  close(): void;
}

/** Opens (and creates) the file for appending. */
export function createLineWriter(path: string): LineWriter {
  const file = openSync(path, 'a', 0o644);
  const block = Buffer.alloc(LINE_RECORD_BYTES * BLOCK_RECORDS);
  const view = new DataView(block.buffer, block.byteOffset, block.length);
  let used = 0;
  const flush = (): void => {
    if (used === 0) return;
    const size = used;
    used = 0;
    const written = writeSync(file, block, 0, size);
    if (written !== size)
      throw new Error(`only ${written} of ${size} bytes could be written to ${path}: is the disk full?`);
  };
  return {
    append(kind, hop, detail, seq, atNs, value, bytes, crc) {
      encodeLineRecord(view, used, kind, hop, detail, seq, atNs, value, bytes, crc);
      used += LINE_RECORD_BYTES;
      if (used === block.length) flush();
    },
    flush,
    close: () => {
      flush();
      closeSync(file);
    },
  };
}
