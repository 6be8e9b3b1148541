// What is known of queued messages, oldest first, in columns of numbers: a queue may hold a million messages, and
// an object for each would cost more than their bytes. Long lines alone are kept as objects, beside the table.

import type { LongLine, MessageMeta } from './log-message.ts';

/** Columns of a row. */
const COLUMNS = 7;
const STREAM = 0;
const SEQ = 1;
const LINE_BYTES = 2;
const IDS = 3;
const BACKSLASH_RUN = 4;
const POSITION = 5;
const LENGTH = 6;

/** Where a message lies: `position` is the caller's own, `length` its bytes. */
export interface Place {
  position: number;
  length: number;
}

/** A queue of message facts. */
export interface MessageTable {
  readonly length: number;
  push(meta: MessageMeta, place: Place): void;
  /** Reads the oldest row; false when there is none. */
  first(meta: MessageMeta, place: Place): boolean;
  shift(): void;
  /** Calls `visit` for each message, oldest first, with one reused object. */
  visitAll(visit: (meta: MessageMeta) => void): void;
  clear(): void;
}

/** An empty table. */
export function createMessageTable(): MessageTable {
  let rows = new Float64Array(COLUMNS * 64);
  let capacity = 64;
  let head = 0;
  let length = 0;
  /** Number of the oldest message since the beginning: the key of its long line. */
  let firstNumber = 0;
  const longLines = new Map<number, LongLine>();
  const visited: MessageMeta = { stream: 0, seq: -1, lineBytes: 0, line: null, ids: 0, backslashRun: 0 };

  const at = (index: number): number => ((head + index) & (capacity - 1)) * COLUMNS;
  const grow = (): void => {
    const larger = new Float64Array(rows.length * 2);
    for (let index = 0; index < length; index++)
      larger.set(rows.subarray(at(index), at(index) + COLUMNS), index * COLUMNS);
    rows = larger;
    capacity *= 2;
    head = 0;
  };
  const read = (index: number, meta: MessageMeta): number => {
    const row = at(index);
    meta.stream = rows[row + STREAM]!;
    meta.seq = rows[row + SEQ]!;
    meta.lineBytes = rows[row + LINE_BYTES]!;
    meta.ids = rows[row + IDS]!;
    meta.backslashRun = rows[row + BACKSLASH_RUN]!;
    meta.line = longLines.size === 0 ? null : (longLines.get(firstNumber + index) ?? null);
    return row;
  };

  return {
    get length() {
      return length;
    },
    push(meta, place) {
      if (length === capacity) grow();
      const row = at(length);
      rows[row + STREAM] = meta.stream;
      rows[row + SEQ] = meta.seq;
      rows[row + LINE_BYTES] = meta.lineBytes;
      rows[row + IDS] = meta.ids;
      rows[row + BACKSLASH_RUN] = meta.backslashRun;
      rows[row + POSITION] = place.position;
      rows[row + LENGTH] = place.length;
      if (meta.line) longLines.set(firstNumber + length, meta.line);
      length++;
    },
    first(meta, place) {
      if (length === 0) return false;
      const row = read(0, meta);
      place.position = rows[row + POSITION]!;
      place.length = rows[row + LENGTH]!;
      return true;
    },
    shift() {
      if (longLines.size > 0) longLines.delete(firstNumber);
      head = (head + 1) & (capacity - 1);
      firstNumber++;
      length--;
    },
    visitAll(visit) {
      for (let index = 0; index < length; index++) {
        read(index, visited);
        visit(visited);
      }
    },
    clear() {
      head = 0;
      firstNumber += length;
      length = 0;
      longLines.clear();
    },
  };
}
