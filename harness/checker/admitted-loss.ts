// How many lines the agent admits to have lost: by the counters on its metrics page (probe/drop-counters.ts), in its own
// log, and in its dead letters (probe/admissions.ts). It stands beside what is really missing and excuses nothing: the
// rest was lost in silence. One loss may be told in several places, so the place that tells of most counts, never the sum.

import type { AdmissionsData, Event } from '../model/event.ts';
import type { LedgerTotals } from '../model/ledger.ts';

type MetricsPage = { status: number; counters: Record<string, number> };

/** Gathers it over a run in which counters may begin anew with the agent. */
export class AdmittedLoss {
  /** Pages that were read. */
  pages = 0;
  #counted = 0;
  #written: AdmissionsData | null = null;
  readonly #last = new Map<string, number>();

  /** Takes an event; what the counters showed before load is where they begin. */
  add({ kind, data }: Event, isLoading: boolean): void {
    if (kind !== 'probe') return;
    if (data?.probe === 'admissions') this.#written = data as unknown as AdmissionsData;
    else if (data?.probe === 'metrics') this.#addPage(data as unknown as MetricsPage, isLoading);
  }

  #addPage({ status, counters }: MetricsPage, isLoading: boolean): void {
    if (status < 200 || status >= 300) return;
    if (isLoading) this.pages++;
    for (const [name, value] of Object.entries(counters)) {
      const before = this.#last.get(name) ?? 0;
      // A counter that fell was begun anew.
      if (isLoading) this.#counted += value >= before ? value - before : value;
      this.#last.set(name, value);
    }
  }

  /** The numbers for a result; empty where nothing could admit anything. The ratio is of the lines that are missing, if any are. */
  measure({ lostLines, rejectedLines }: LedgerTotals): Record<string, number> {
    const { logLines, deadLetterLines } = this.#written ?? {};
    const places: Record<string, number> = {
      ...(this.pages > 0 && { admittedInCountersLines: this.#counted }),
      ...(logLines !== undefined && { admittedInLogLines: logLines }),
      ...(deadLetterLines !== undefined && { admittedInDeadLettersLines: deadLetterLines }),
    };
    const told = Object.values(places);
    if (told.length === 0) return {};
    const admittedLines = Math.max(...told);
    const missing = lostLines + rejectedLines;
    const numbers: Record<string, number> = { admittedLines, ...places };
    if (missing > 0) numbers.silentLossRatio = Math.max(0, missing - admittedLines) / missing;
    return numbers;
  }
}
