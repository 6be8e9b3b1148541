// How many lines the agent admits to have lost, by the counters on its metrics page (probe/drop-counters.ts). It stands
// beside what is really missing and excuses nothing: the rest was lost in silence.

import type { Event } from '../model/event.ts';
import type { LedgerTotals } from '../model/ledger.ts';

/** Sums counters over a run in which they may begin anew with the agent. */
export class AdmittedLoss {
  /** Pages that were read. */
  pages = 0;
  lines = 0;
  readonly #last = new Map<string, number>();

  /** Takes an event; what the counters showed before load is where they begin. */
  add({ kind, data }: Event, isLoading: boolean): void {
    const probe = data as { probe?: string; status: number; counters: Record<string, number> } | undefined;
    if (kind !== 'probe' || probe?.probe !== 'metrics' || probe.status < 200 || probe.status >= 300) return;
    if (isLoading) this.pages++;
    for (const [name, value] of Object.entries(probe.counters)) {
      const before = this.#last.get(name) ?? 0;
      // A counter that fell was begun anew.
      if (isLoading) this.lines += value >= before ? value - before : value;
      this.#last.set(name, value);
    }
  }

  /** The numbers for a result; empty where no page was read. The ratio is of the lines that are missing, if any are. */
  measure({ lostLines, rejectedLines }: LedgerTotals): Record<string, number> {
    if (this.pages === 0) return {};
    const missing = lostLines + rejectedLines;
    const numbers: Record<string, number> = { admittedLines: this.lines };
    if (missing > 0) numbers.silentLossRatio = Math.max(0, missing - this.lines) / missing;
    return numbers;
  }
}
