// Reads one `lines/<app>.bin`: in blocks and without an object per record for those who read all of it, at any
// position for those who read it in another order.

import { closeSync, openSync, readSync } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import {
  createLineRecord,
  decodeLineRecord,
  LINE_KINDS,
  LINE_RECORD_BYTES,
  type LineKind,
  type LineRecord,
} from '../model/line-record.ts';
import type { OnHole } from './control-log.ts';

const BLOCK_BYTES = LINE_RECORD_BYTES * 32_768;
const KIND_MAX = Math.max(...Object.values(LINE_KINDS));

/** How to visit the records of a file. `kinds`: these alone; the others are not even decoded. */
export interface VisitOptions {
  app: string;
  visit: (record: LineRecord, position: number) => void;
  onHole: OnHole;
  kinds?: readonly LineKind[] | undefined;
}

/** Calls `visit` for each record in file order with one reused object. Told of what is torn through `onHole`. */
export async function visitLines(path: string, { app, visit, onHole, kinds }: VisitOptions): Promise<void> {
  const size = (await stat(path)).size;
  if (size % LINE_RECORD_BYTES !== 0) onHole(`${app} torn`, `The last record of lines/${app}.bin is torn.`);
  const file = await open(path, 'r');
  try {
    const record = createLineRecord();
    const isWanted = createKindTable(kinds);
    let unknown = 0;
    let position = 0;
    for await (const block of readBlocks(file, size)) {
      const view = new DataView(block.buffer, block.byteOffset, block.length);
      for (let offset = 0; offset + LINE_RECORD_BYTES <= block.length; offset += LINE_RECORD_BYTES, position++) {
        const wanted = isWanted[block[offset]!]!;
        if (wanted === WANTED) {
          decodeLineRecord(view, offset, record);
          visit(record, position);
        } else if (wanted === UNKNOWN) unknown++;
      }
    }
    if (unknown > 0) onHole(`${app} unknown`, `lines/${app}.bin holds ${unknown} records of an unknown kind.`);
  } finally {
    await file.close();
  }
}

/** The first `size` bytes of a file in whole blocks; the next one is being read while one is looked at. */
async function* readBlocks(file: FileHandle, size: number): AsyncGenerator<Buffer> {
  const blocks = [0, 1].map(() => Buffer.alloc(Math.min(BLOCK_BYTES, size)));
  const readAt = async (at: number): Promise<Buffer> => {
    const block = blocks[(at / BLOCK_BYTES) % 2]!;
    let used = 0;
    for (;;) {
      const { bytesRead } = await file.read(block, used, block.length - used, at + used);
      used += bytesRead;
      if (bytesRead === 0 || used === block.length) return block.subarray(0, used);
    }
  };
  let reading = readAt(0);
  for (let at = 0; at < size; at += BLOCK_BYTES) {
    const block = await reading;
    if (at + BLOCK_BYTES < size) reading = readAt(at + BLOCK_BYTES);
    yield block;
  }
}

const UNKNOWN = 0;
const WANTED = 1;
const PASSED_OVER = 2;

/** What to do with a record, by the first of its bytes. */
function createKindTable(kinds: readonly LineKind[] | undefined): Uint8Array {
  const table = new Uint8Array(256);
  for (let kind = 1; kind <= KIND_MAX; kind++)
    table[kind] = kinds === undefined || kinds.includes(kind as LineKind) ? WANTED : PASSED_OVER;
  return table;
}

/** Reads single records at any position, with a few blocks kept in memory. */
export interface RecordReader {
  /** The record at `position`; the object is reused. */
  at(position: number): LineRecord;
  close(): void;
}

const CACHED_BLOCKS = 64;
const RECORDS_PER_BLOCK = 2_048;

/** Opens the file for reading in any order. */
export function createRecordReader(path: string): RecordReader {
  const file = openSync(path, 'r');
  const blocks = new Map<number, DataView>();
  const record = createLineRecord();
  const load = (number: number): DataView => {
    const block = Buffer.alloc(RECORDS_PER_BLOCK * LINE_RECORD_BYTES);
    readSync(file, block, 0, block.length, number * block.length);
    const oldest = blocks.keys().next();
    if (blocks.size >= CACHED_BLOCKS && !oldest.done) blocks.delete(oldest.value);
    return new DataView(block.buffer, block.byteOffset, block.length);
  };
  return {
    at: (position) => {
      const number = Math.floor(position / RECORDS_PER_BLOCK);
      const block = blocks.get(number) ?? load(number);
      // Used last, so given up last.
      blocks.delete(number);
      blocks.set(number, block);
      decodeLineRecord(block, (position % RECORDS_PER_BLOCK) * LINE_RECORD_BYTES, record);
      return record;
    },
    close: () => closeSync(file),
  };
}
