// Adds to the sums of a ledger: each count in lines and in bytes.

import { LEDGER_COUNTS, type LedgerTotals } from '../model/ledger.ts';

type Count = (typeof LEDGER_COUNTS)[number];
type Keys = { lines: keyof LedgerTotals; bytes: keyof LedgerTotals };

/** Names of the sums, made once: putting a name together for each line took half the time of judging. */
const KEYS = Object.fromEntries(
  LEDGER_COUNTS.map((count) => [count, { lines: `${count}Lines`, bytes: `${count}Bytes` }]),
) as Record<Count, Keys>;

/** Counts lines of `bytes` bytes each. */
export function add(totals: LedgerTotals, count: Count, bytes: number, lines = 1): void {
  const keys = KEYS[count];
  totals[keys.lines] += lines;
  totals[keys.bytes] += bytes * lines;
}
