// Puts one line into exactly one account, with the hop it was last seen at and a short stable reason. The order
// of the questions is the rule (docs/judging.md, "The ledger"): stored, refused for good, furthest place where it was seen.

import type { Account, HopLoss } from '../model/ledger.ts';
import { DROP_REASONS, HELD_IN } from '../model/line-record.ts';
import { SEEN } from './columns.ts';
import { isAccepted, isRetryable } from './refusal.ts';
import type { Tally } from './tally.ts';
import { TICK_NS } from './ticks.ts';

/** What the ledger is told about an app. */
export interface LedgerApp {
  name: string;
  /** false: an app of a plugin or a real one, whose own writes nobody recorded. */
  reportsWrites: boolean;
  /** Its lines are owed for requests; their ids are made before the line. */
  http: boolean;
}

/** What decides beside the line itself. */
export interface JudgeContext {
  app: LedgerApp;
  tally: Tally;
  /** A plugin's driver, or none of ours: nobody saw lines leave it. */
  pluginDriver: boolean;
  /** A relay stands between agent and sink; `seen`: pushes to it were recorded. */
  relay: 'none' | 'seen' | 'unseen';
  /** A recording hop stood in front of the sink. */
  recordingHop: boolean;
  /** Last moment the path from driver to agent broke for this app, ns since load start; -1 never. */
  brokenAtNs: number;
  /** Pushes answered with 400 of which other lines were stored. */
  partialPushes: Set<number>;
  /** The line of each row: only lines that were not stored exactly once are kept. */
  kept: Uint32Array;
}

/** Where a line ended. */
export type Judgement = { account: Account; hop: HopLoss['hop']; reason: string };

/** Reason of lines that the sink took and does not hold; the only losses that rest on the listing alone. */
export const NOT_STORED = 'accepted, not stored';

/** Whether the line was due: planned, or written by an app that says so itself. */
export function isDue(flags: number): boolean {
  return (flags & (SEEN.planned | SEEN.written)) !== 0;
}

/** The account of the line in row `row`. */
export function judgeLine(context: JudgeContext, row: number): Judgement {
  const { columns } = context.tally;
  const flags = columns.flags[row]!;
  const copies = columns.stored[row]!;
  if (copies > 0) return { account: 'stored', hop: 'sink', reason: copies > 1 ? 'stored more than once' : 'stored' };
  const lineError = refusalOfLine(context, row);
  if (lineError) return { account: 'rejected', hop: 'sink', reason: `rejected: ${lineError}` };
  if (columns.sinkAnswer[row]) return lost('unaccounted', ...pushedAndLost(context, row));
  if (columns.relayAnswer[row]) return lost('unaccounted', ...relayedAndLost(context, row));
  if (flags & SEEN.dropped) return lost('dropped', 'driver', DROP_REASONS[columns.detail[row]!] ?? 'other');
  if (flags & SEEN.held)
    return lost('inFlight', 'driver', `in the driver's ${HELD_IN[columns.detail[row]!] ?? 'buffers'}`);
  if (flags & SEEN.driverSent) return lost('unaccounted', sentAndLost(context, row), neverPushed(context));
  return judgeUnsent(context, flags);
}

/** A line that no one saw leave the driver. */
function judgeUnsent(context: JudgeContext, flags: number): Judgement {
  const { app } = context;
  if (flags & SEEN.writeOpen) return lost('inFlight', 'app', 'write still open');
  if (flags & SEEN.driverRead && !context.pluginDriver) return lost('inFlight', 'driver', 'in the driver');
  const owed = flags & SEEN.answered;
  if (!(flags & (SEEN.written | SEEN.driverRead)) && !(owed && !app.reportsWrites)) {
    if (owed) return lost('inFlight', 'app', "in the app's own queue");
    return { account: 'neverWritten', hop: 'app', reason: whyNotWritten(flags) };
  }
  if (context.pluginDriver) return lost('unaccounted', `driver..${endOfAgent(context)}`, neverPushed(context));
  return lost('inFlight', app.reportsWrites ? 'driver' : 'app..driver', 'in the pipe to the driver');
}

function whyNotWritten(flags: number): string {
  if (flags & SEEN.notSent) return 'request not sent in time';
  return flags & SEEN.requestFailed ? 'request failed' : 'never written';
}

/** What the last answer said against this very line, or null. */
function refusalOfLine({ tally, partialPushes, kept }: JudgeContext, row: number): string | null {
  const answer = tally.answers[tally.columns.sinkAnswer[row]!]!;
  if (answer.lineError) return answer.lineError;
  if (answer.status !== 400) return null;
  const push = tally.wholeRefusals.get(kept[row]!);
  return partialPushes.has(push ?? -1) ? 'refused 400, others of its batch stored' : null;
}

function pushedAndLost(context: JudgeContext, row: number): [HopLoss['hop'], string] {
  const { tally, relay } = context;
  const flags = tally.columns.flags[row]!;
  if (tally.columns.accepted[row]! > 0) return ['sink', NOT_STORED];
  const { status } = tally.answers[tally.columns.sinkAnswer[row]!]!;
  // It was accepted once, and that was a quotation of the line in an entry of another origin.
  if (isAccepted(status)) return ['agent', 'only quoted in other entries'];
  const hop =
    relay === 'none' ? 'agent' : relay === 'unseen' ? 'agent..relay' : flags & SEEN.relayAccepted ? 'relay' : 'agent';
  return [hop, describeRefusal(status)];
}

function relayedAndLost({ tally }: JudgeContext, row: number): [HopLoss['hop'], string] {
  if (tally.columns.flags[row]! & SEEN.relayAccepted) return ['relay', 'accepted by the relay, never pushed on'];
  return ['agent', describeRefusal(tally.answers[tally.columns.relayAnswer[row]!]!.status)];
}

function describeRefusal(status: number): string {
  if (status === 0) return 'no answer, not retried';
  return isRetryable(status) ? `refused ${status}, not retried` : `refused ${status} as a whole`;
}

/** `agent`, or a range from the driver on where the line may have died in a socket. */
function sentAndLost(context: JudgeContext, row: number): HopLoss['hop'] {
  const end = endOfAgent(context);
  if (context.brokenAtNs >= context.tally.columns.lastAt[row]! * TICK_NS) return `driver..${end}`;
  return end === 'agent' ? 'agent' : `agent..${end}`;
}

/** The last hop before which nothing more was recorded. */
function endOfAgent({ relay, recordingHop }: JudgeContext): 'agent' | 'relay' | 'sink' {
  if (!recordingHop) return 'sink';
  return relay === 'unseen' ? 'relay' : 'agent';
}

function neverPushed({ recordingHop }: JudgeContext): string {
  return recordingHop ? 'never pushed' : 'not stored';
}

function lost(account: Account, hop: HopLoss['hop'], reason: string): Judgement {
  return { account, hop, reason };
}
