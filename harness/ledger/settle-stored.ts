// Settles what can be settled of an app by its own records: every line that is due, every line that is stored, the order
// of those. What is left (the lines that were not stored exactly once) is all that a ledger has to keep in memory.

import { createLedgerTotals, type LedgerTotals } from '../model/ledger.ts';
import { type AppColumns, SEEN } from './columns.ts';
import { isDue } from './judge-line.ts';
import { add } from './sums.ts';
import type { Tally } from './tally.ts';

/** What is known of an app before the other apps have been read. */
export interface Settled {
  totals: LedgerTotals;
  /** Lines that were stored though no push of them was seen. */
  storedUnseen: number;
  /** Pushes answered with 400 of which a line was stored all the same: the others were refused one by one. */
  partialPushes: number[];
  /** Lines that were not stored exactly once, ascending: what `ledger.jsonl` names. */
  kept: Uint32Array;
}

/** Settles one app. `tally.columns` still holds every line. */
export function settleStored(tally: Tally): Settled {
  const { columns } = tally;
  const settled: Settled = {
    totals: createLedgerTotals(),
    storedUnseen: 0,
    partialPushes: findPartialPushes(tally),
    kept: new Uint32Array(0),
  };
  const isReordered = createOrderCheck(columns);
  const kept = createRowList();
  // Sums of what nearly every line adds to are local: properties by name cost more than all the rest of the loop.
  const due = { lines: 0, bytes: 0 };
  const stored = { lines: 0, bytes: 0 };
  for (let row = 0; row < columns.length; row++) {
    const bytes = columns.bytes[row]!;
    if (isDueLine(columns, settled.totals, row)) {
      due.lines++;
      due.bytes += bytes;
      if (columns.stored[row]! > 0) {
        stored.lines++;
        stored.bytes += bytes;
        countStored(tally, settled, row);
      }
      if (columns.stored[row] !== 1) kept.push(row);
    }
    if (isReordered(row)) add(settled.totals, 'reordered', bytes);
  }
  Object.assign(settled.totals, {
    ...{ dueLines: due.lines, dueBytes: due.bytes },
    ...{ storedLines: stored.lines, storedBytes: stored.bytes, writtenLines: stored.lines, writtenBytes: stored.bytes },
  });
  settled.kept = kept.rows();
  return settled;
}

/** Whether the line was due. What was not and was seen all the same is a phantom. */
function isDueLine(columns: AppColumns, totals: LedgerTotals, row: number): boolean {
  const bytes = columns.bytes[row]!;
  if (!isDue(columns.flags[row]!)) {
    // A row that only fills a gap in seq was never seen at all.
    if (columns.lastKind[row] !== 0) add(totals, 'phantom', bytes);
    return false;
  }
  const accepted = columns.accepted[row]!;
  if (accepted > 1) add(totals, 'duplicatePushed', bytes, accepted - 1);
  return true;
}

function countStored({ columns }: Tally, settled: Settled, row: number): void {
  const { totals } = settled;
  const copies = columns.stored[row]!;
  const flags = columns.flags[row]!;
  const bytes = columns.bytes[row]!;
  if (copies > 1) add(totals, 'duplicateStored', bytes, copies - 1);
  if (flags & SEEN.rewritten) add(totals, 'corrupted', bytes);
  if (flags & SEEN.truncated) add(totals, 'truncated', bytes);
  // Pushed in an entry that held several ids it was seen, though not as a line.
  if (columns.sinkAnswer[row] === 0 && !(flags & SEEN.quotedInPush)) settled.storedUnseen++;
}

/**
 * Tells, line by line in order of seq, whether a line lies in the sink before one that was written before it. Needs
 * both proofs, so that requests which ended in another order than they were planned are not called reordered, and
 * ends of writes that are told apart by the clock of the columns.
 */
function createOrderCheck(columns: AppColumns): (row: number) => boolean {
  let latest = -1;
  return (row) => {
    // Without the end of a write its column holds the time of the push.
    if (columns.stored[row] === 0 || !(columns.flags[row]! & SEEN.writeEnded)) return false;
    if (latest === -1) {
      latest = row;
      return false;
    }
    // Modulo 2^32: the difference as an int32 is right for 29 hours either way.
    const behind = (columns.storedAt[latest]! - columns.storedAt[row]!) | 0;
    if (behind <= 0) {
      latest = row;
      return false;
    }
    return columns.writtenAt[row]! > columns.writtenAt[latest]!;
  };
}

/** A 400 of which some line is stored, and was not accepted elsewhere, refused the others one by one. */
function findPartialPushes({ columns, wholeRefusals }: Tally): number[] {
  const partial = [...wholeRefusals].filter(([seq]) => columns.stored[seq]! > 0 && columns.accepted[seq] === 0);
  return partial.map(([, push]) => push);
}

/** Row numbers without an object for each: all ten million lines of a run may be lost. */
function createRowList(): { push(row: number): void; rows(): Uint32Array } {
  let rows = new Uint32Array(1_024);
  let length = 0;
  return {
    push: (row) => {
      if (length === rows.length) {
        const grown = new Uint32Array(length * 2);
        grown.set(rows);
        rows = grown;
      }
      rows[length++] = row;
    },
    rows: () => rows.slice(0, length),
  };
}
