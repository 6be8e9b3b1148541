// How long the rest of a matrix will take, from how long its runs took so far beside what was expected of them.

import { type ControlJob, shareOf } from './control-jobs.ts';

/** Set-up, preflight, drain and reading back, beside the load. */
const AROUND_LOAD_MS = 6_000;

/** What one run is expected to take, ms. */
export function expectedMs({ scenario }: ControlJob): number {
  return Math.max(0, ...scenario.load.map(({ untilMs }) => untilMs)) + AROUND_LOAD_MS;
}

/** Learns while runs end; `leftMs` of the jobs that have not begun, as they share the machine. */
export class TimeLeft {
  #expectedMs = 0;
  #tookMs = 0;

  /** A run ended. */
  add(job: ControlJob, tookMs: number): void {
    this.#expectedMs += expectedMs(job);
    this.#tookMs += tookMs;
  }

  /** ms that these jobs will take together. */
  leftMs(jobs: readonly ControlJob[]): number {
    const ratio = this.#expectedMs > 0 ? this.#tookMs / this.#expectedMs : 1;
    return jobs.reduce((sum, job) => sum + expectedMs(job) * shareOf(job), 0) * ratio;
  }
}
