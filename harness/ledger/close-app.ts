// Closes the account of one app: puts every line that was not stored into its account, groups the losses and checks
// that nothing is counted twice or forgotten.

import assert from 'node:assert/strict';
import type { Account, HopLoss, LedgerTotals } from '../model/ledger.ts';
import { SEEN } from './columns.ts';
import { type JudgeContext, type Judgement, judgeLine } from './judge-line.ts';
import type { Settled } from './settle-stored.ts';
import { add } from './sums.ts';
import { ticksToMs } from './ticks.ts';

/** Lines that ended in the same way at the same place. */
export interface LossGroup extends HopLoss {
  account: Account;
  fromMs: number;
  toMs: number;
}

/** An app's closed account. */
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

/** Closes one app whose stored lines are settled. Throws when a line is not in exactly one account: that is our own fault. */
export function closeApp(context: JudgeContext, { totals, storedUnseen }: Settled): ClosedApp {
  const { tally } = context;
  const groups = new Map<string, LossGroup>();
  const closed: ClosedApp = { context, totals, groups: [], acceptedNotStored: 0, storedUnseen, quotedLines: 0 };
  for (let row = 0; row < tally.columns.length; row++)
    if (tally.columns.stored[row] === 0) countMissing(closed, row, groups);
  totals.anonymousLines = tally.anonymous.lines;
  totals.anonymousBytes = tally.anonymous.bytes;
  totals.phantomLines += tally.strays.lines;
  totals.phantomBytes += tally.strays.bytes;
  sumAndCheck(totals);
  closed.groups = [...groups.values()];
  return closed;
}

function countMissing(closed: ClosedApp, row: number, groups: Map<string, LossGroup>): void {
  const { context, totals } = closed;
  const { columns } = context.tally;
  const bytes = columns.bytes[row]!;
  const judgement = judgeLine(context, row);
  add(totals, judgement.account, bytes);
  if (columns.flags[row]! & SEEN.quotedInSink) closed.quotedLines++;
  if (columns.accepted[row]! > 0 && judgement.account !== 'rejected') closed.acceptedNotStored++;
  if (judgement.account === 'neverWritten') return;
  add(totals, 'written', bytes);
  addToGroup(groups, judgement, { bytes, atMs: ticksToMs(columns.lastAt[row]!) });
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
