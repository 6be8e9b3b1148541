// Closes the account of one app: one loop over its columns counts every line once, checks that nothing is counted
// twice or forgotten, groups the losses and keeps only the lines that `ledger.jsonl` names.

import assert from 'node:assert/strict';
import { type Account, createLedgerTotals, type HopLoss, LEDGER_COUNTS, type LedgerTotals } from '../model/ledger.ts';
import { type AppColumns, SEEN } from './columns.ts';
import { isDue, type JudgeContext, type Judgement, judgeLine } from './judge-line.ts';
import { ticksToMs } from './ticks.ts';

/** Lines that ended in the same way at the same place. */
export interface LossGroup extends HopLoss {
  account: Account;
  fromMs: number;
  toMs: number;
}

/** An app's closed account. `context.tally.columns` then holds only the lines at `context.kept`. */
export interface ClosedApp {
  context: JudgeContext;
  totals: LedgerTotals;
  groups: LossGroup[];
  /** Lines that were never stored though the sink accepted them. */
  acceptedNotStored: number;
  /** Lines that were stored though no push of them was seen. */
  storedUnseen: number;
  /** Lines of which the sink holds quotations only. */
  quotedLines: number;
}

/** Closes one app. Throws when a line is not in exactly one account: that is our own fault. */
export function closeApp(context: JudgeContext): ClosedApp {
  const { tally } = context;
  const totals = createLedgerTotals();
  const groups = new Map<string, LossGroup>();
  const closed: ClosedApp = { context, totals, groups: [], acceptedNotStored: 0, storedUnseen: 0, quotedLines: 0 };
  const kept: number[] = [];
  const isReordered = createOrderCheck(tally.columns);
  for (let row = 0; row < tally.columns.length; row++) {
    if (countLine(closed, row, groups)) kept.push(row);
    if (isReordered(row)) add(totals, 'reordered', tally.columns.bytes[row]!);
  }
  totals.anonymousLines = tally.anonymous.lines;
  totals.anonymousBytes = tally.anonymous.bytes;
  totals.phantomLines += tally.strays.lines;
  totals.phantomBytes += tally.strays.bytes;
  sumAndCheck(totals);
  closed.groups = [...groups.values()];
  context.kept = Uint32Array.from(kept);
  tally.columns.keep(context.kept);
  return closed;
}

type Count = (typeof LEDGER_COUNTS)[number];
type Keys = { lines: keyof LedgerTotals; bytes: keyof LedgerTotals };

/** Names of the sums, made once: putting a name together for each line took half the time of judging. */
const KEYS = Object.fromEntries(
  LEDGER_COUNTS.map((count) => [count, { lines: `${count}Lines`, bytes: `${count}Bytes` }]),
) as Record<Count, Keys>;

function add(totals: LedgerTotals, count: Count, bytes: number, lines = 1): void {
  const keys = KEYS[count];
  totals[keys.lines] += lines;
  totals[keys.bytes] += bytes * lines;
}

/** Counts one line; returns whether `ledger.jsonl` names it. */
function countLine(closed: ClosedApp, row: number, groups: Map<string, LossGroup>): boolean {
  const { context, totals } = closed;
  const { columns } = context.tally;
  const flags = columns.flags[row]!;
  const bytes = columns.bytes[row]!;
  if (!isDue(flags)) {
    // A row that only fills a gap in seq was never seen at all.
    if (columns.lastKind[row] !== 0) add(totals, 'phantom', bytes);
    return false;
  }
  add(totals, 'due', bytes);
  const accepted = columns.accepted[row]!;
  if (accepted > 1) add(totals, 'duplicatePushed', bytes, accepted - 1);
  const copies = columns.stored[row]!;
  if (copies > 0) {
    countStored(closed, row, copies);
    return copies > 1;
  }
  const judgement = judgeLine(context, row);
  add(totals, judgement.account, bytes);
  if (judgement.account !== 'neverWritten') add(totals, 'written', bytes);
  if (flags & SEEN.quotedInSink) closed.quotedLines++;
  if (accepted > 0 && judgement.account !== 'rejected') closed.acceptedNotStored++;
  if (judgement.account !== 'neverWritten')
    addToGroup(groups, judgement, { bytes, atMs: ticksToMs(columns.lastAt[row]!) });
  return true;
}

function countStored(closed: ClosedApp, row: number, copies: number): void {
  const { totals, context } = closed;
  const { columns } = context.tally;
  const flags = columns.flags[row]!;
  const bytes = columns.bytes[row]!;
  add(totals, 'written', bytes);
  add(totals, 'stored', bytes);
  if (copies > 1) add(totals, 'duplicateStored', bytes, copies - 1);
  if (flags & SEEN.rewritten) add(totals, 'corrupted', bytes);
  if (flags & SEEN.truncated) add(totals, 'truncated', bytes);
  // Pushed in an entry that held several ids it was seen, though not as a line.
  if (columns.sinkAnswer[row] === 0 && !(flags & SEEN.quotedInPush)) closed.storedUnseen++;
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
    // The column holds µs modulo 2^32: the difference as an int32 is right for half an hour either way.
    const behindUs = (columns.storedAt[latest]! - columns.storedAt[row]!) | 0;
    if (behindUs <= 0) {
      latest = row;
      return false;
    }
    return columns.writtenAt[row]! > columns.writtenAt[latest]!;
  };
}

function addToGroup(
  groups: Map<string, LossGroup>,
  judgement: Judgement,
  { bytes, atMs }: { bytes: number; atMs: number },
): void {
  const key = `${judgement.account} ${judgement.hop} ${judgement.reason}`;
  const group = groups.get(key) ?? { ...judgement, lines: 0, bytes: 0, fromMs: atMs, toMs: atMs };
  if (group.lines === 0) groups.set(key, group);
  group.lines++;
  group.bytes += bytes;
  if (atMs < group.fromMs) group.fromMs = atMs;
  if (atMs > group.toMs) group.toMs = atMs;
}

/** Sums up what is lost and holds the books to their own rule. */
function sumAndCheck(totals: LedgerTotals): void {
  for (const unit of ['Lines', 'Bytes'] as const) {
    totals[`lost${unit}`] = totals[`dropped${unit}`] + totals[`unaccounted${unit}`] + totals[`inFlight${unit}`];
    assert.equal(
      totals[`due${unit}`],
      totals[`neverWritten${unit}`] + totals[`written${unit}`],
      'due = never written + written',
    );
    const accounts = totals[`stored${unit}`] + totals[`rejected${unit}`] + totals[`lost${unit}`];
    assert.equal(totals[`written${unit}`], accounts, 'written = stored + rejected + dropped + in flight + unaccounted');
  }
}
