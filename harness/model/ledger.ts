// The ledger: every due line in exactly one account, by its own id. Totals are in results, the single ids that
// were not stored exactly once in `ledger.jsonl`.

import type { Hop, HopRange } from './event.ts';

/** The accounts; a due line is in exactly one. */
export const ACCOUNTS = ['neverWritten', 'stored', 'rejected', 'dropped', 'inFlight', 'unaccounted'] as const;

/** One of the accounts. */
export type Account = (typeof ACCOUNTS)[number];

/** What is counted: accounts, sums of them, and what stands beside the accounts without being netted. */
export const LEDGER_COUNTS = [
  'due',
  'neverWritten',
  'written',
  'stored',
  'rejected',
  'dropped',
  'inFlight',
  'unaccounted',
  'lost',
  'anonymous',
  'duplicatePushed',
  'duplicateStored',
  'corrupted',
  'truncated',
  'phantom',
  'reordered',
] as const;

/** `dueLines, dueBytes, …`: each count in lines and in bytes. */
export type LedgerTotals = { [Key in `${(typeof LEDGER_COUNTS)[number]}${'Lines' | 'Bytes'}`]: number };

/** Lines that died at a hop, by reason. */
export interface HopLoss {
  hop: HopRange;
  reason: string;
  lines: number;
  bytes: number;
}

/** A line that was not stored exactly once. */
export interface LedgerEntry {
  id: string;
  app: string;
  seq: number;
  account: Account;
  hop: HopRange;
  reason: string;
  /** ms since load start of the last sighting, and what it was. */
  lastSeenMs: number;
  lastSeen: string;
  bytes: number;
  /** Accepted pushes and stored copies, where more than one. */
  acceptedPushes: number;
  storedCopies: number;
}

/** The closed ledger of a run. */
export interface Ledger {
  total: LedgerTotals;
  apps: Record<string, LedgerTotals>;
  hops: HopLoss[];
  /** The lines that were not stored exactly once, app by app in order of seq. A fresh iteration each call. */
  entries(): Iterable<LedgerEntry>;
  /** First and last loss in ms since load start, per hop and reason, for findings. */
  lossWindows: {
    hop: HopRange;
    reason: string;
    fromMs: number;
    toMs: number;
    account?: Account;
    apps?: Record<string, number>;
  }[];
  /** Entries in the sink that hold no id of an app line: the agent's own, anonymous lines, strangers. */
  unidentified?: { entries: number; bytes: number };
  /** What kept the ledger from being sure: a witness that disagrees, a file with holes. Each makes parity unknown. */
  doubts: string[];
  /** Ids no app ever made, found in the sink or in pushes. */
  phantomSamples: { where: Hop; text: string }[];
  /** Largest delivery lag from written to stored acceptance, p50/p99/max ms, where measurable. */
  lagMs: { p50: number; p99: number; max: number } | null;
}

/** Totals with every count at zero. */
export function createLedgerTotals(): LedgerTotals {
  const totals: Record<string, number> = {};
  for (const count of LEDGER_COUNTS) {
    totals[`${count}Lines`] = 0;
    totals[`${count}Bytes`] = 0;
  }
  return totals as LedgerTotals;
}
