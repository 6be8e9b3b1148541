// What a run tells while it goes on: the seam between the life of a run (run/) and whoever shows it (report/).
// Methods return at once and never throw; a reporter that cannot write stays silent.

import type { Result, RunPlan, RunResult } from './run.ts';

/** How a run stands at an instant, for the progress line. Counts are lines or pushes since load start. */
export interface RunTick {
  sinceLoadStartMs: number;
  /** Planned length of the load. */
  loadMs: number;
  dueLines: number;
  writtenLines: number;
  /** Lines in pushes that the sink accepted, where known. */
  storedLines?: number;
  pushes: number;
  /** Pushes refused or unanswered. */
  refused: number;
  /** Names of the faults in force now. */
  activeFaults: string[];
  /** A few words on what is special now, e.g. `agent frozen`. */
  note?: string;
}

/** Where the files of a finished call lie, as the caller would type them. */
export interface ReportPaths {
  resultPath: string;
  reportPath: string;
}

/** Shows a call of `larsen run` (or compare, check, replay) as it happens and its outcome. */
export interface Reporter {
  /** A run begins; `index` counts from 0. */
  runStarted(plan: RunPlan, index: number, total: number): void;
  /** The current run enters a phase, e.g. `load`, `drain`. */
  phase(name: string, detail?: string): void;
  /** The current state of the run; called as often as the caller likes. */
  tick(tick: RunTick): void;
  /** The current run is judged. */
  runEnded(runResult: RunResult): void;
  /** The whole call is done: verdict table, findings, paths. */
  finished(result: Result, paths: ReportPaths): void;
  /** A line for people, between progress lines. */
  message(text: string): void;
}
