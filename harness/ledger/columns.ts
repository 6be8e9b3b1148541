// What the ledger remembers of the lines of one app: parallel typed arrays by seq, 26 bytes a line, so that ten
// million lines fit into memory and one pass over the records fills them without making an object.

import { HarnessError } from '../core/errors.ts';

/** What was seen of a line, as bits of `flags`. */
export const SEEN = {
  planned: 1 << 0,
  written: 1 << 1,
  writeOpen: 1 << 2,
  writeEnded: 1 << 3,
  driverRead: 1 << 4,
  answered: 1 << 5,
  requestFailed: 1 << 6,
  notSent: 1 << 7,
  dropped: 1 << 8,
  driverSent: 1 << 9,
  held: 1 << 10,
  truncated: 1 << 11,
  rewritten: 1 << 12,
  accepted: 1 << 13,
  relayAccepted: 1 << 14,
  /** A push held its id beside others in one entry. */
  quotedInPush: 1 << 15,
  /** The sink holds its id elsewhere than in the line itself (read-back). */
  quotedInSink: 1 << 16,
} as const;

/** Far above any run that fits a machine; a larger seq can only be a torn or foreign record. */
const LINES_MAX = 2 ** 28;

/** The columns of one app. Fields are public because the hot loops index them directly. */
export class AppColumns {
  length = 0;
  flags = new Uint32Array(0);
  bytes = new Uint32Array(0);
  /** End of the write, units of 100 µs since load start (core of the delivery lag and of the written order). */
  writtenAt = new Uint32Array(0);
  /** Last sighting, units of 100 µs since load start, and which kind of record it was. */
  lastAt = new Uint32Array(0);
  lastKind = new Uint8Array(0);
  /** The stored entry's own timestamp in units of 50 µs modulo 2^32 (60 h): compared by difference. */
  storedAt = new Uint32Array(0);
  /** Accepted pushes and stored copies; 255 means 255 or more. */
  accepted = new Uint8Array(0);
  stored = new Uint8Array(0);
  /** Index of the last answer at the hop in the tally's table; 0: never pushed there. */
  sinkAnswer = new Uint8Array(0);
  relayAnswer = new Uint8Array(0);
  /** Drop reason or place of holding. */
  detail = new Uint8Array(0);

  /** Makes room for as many lines as are likely to come; what is not used costs address space only. */
  expect(length: number): void {
    if (length > this.flags.length) this.#grow(Math.min(LINES_MAX, length));
  }

  /** Makes room for `length` lines. Throws when no run could have so many. */
  reserve(length: number): void {
    if (length <= this.length) return;
    if (length > LINES_MAX) {
      throw new HarnessError(
        'E_RUN_FOLDER_INVALID',
        `A line record names line ${length - 1}: the file is damaged; run again.`,
      );
    }
    if (length > this.flags.length)
      this.#grow(Math.min(LINES_MAX, Math.max(length, Math.ceil(this.flags.length * 1.6), 1_024)));
    this.length = length;
  }

  /** Takes the lines at `seqs` (ascending) out into columns of their own, row by row, and empties these for another app. */
  takeOut(seqs: Uint32Array): AppColumns {
    const taken = new AppColumns();
    taken.length = seqs.length;
    for (const key of COLUMNS) {
      const column = this[key];
      const rows = createColumn(column, seqs.length);
      for (let row = 0; row < seqs.length; row++) rows[row] = column[seqs[row]!]!;
      (taken as Record<ColumnName, Column>)[key] = rows;
      // Writing zeros over zeros would make memory real that was only promised.
      if (column.some((value) => value !== 0)) column.fill(0, 0, this.length);
    }
    this.length = 0;
    return taken;
  }

  #grow(capacity: number): void {
    for (const key of COLUMNS) {
      const old = this[key];
      const grown = createColumn(old, capacity);
      grown.set(old);
      (this as Record<ColumnName, Column>)[key] = grown;
    }
  }
}

type Column = Uint8Array | Uint32Array;

/** An empty column of the same kind. */
function createColumn(like: Column, length: number): Column {
  return like instanceof Uint8Array ? new Uint8Array(length) : new Uint32Array(length);
}

const COLUMNS = [
  'flags',
  'bytes',
  'writtenAt',
  'lastAt',
  'lastKind',
  'storedAt',
  'accepted',
  'stored',
  'sinkAnswer',
  'relayAnswer',
  'detail',
] as const;

type ColumnName = (typeof COLUMNS)[number];
