// Whether the sink may have slowed the pipeline by itself: by its mean over the load, and by its worst two seconds, so
// that a short saturation in a long load is not averaged away.

/** Above this share of a core the sink may have slowed the pipeline by itself (docs/judging.md, "What makes a run unknown"). */
const SINK_BUSY_MAX = 0.7;
/** Windows of a second in a row: a single one may be a start-up or a pause of the machine. */
const WINDOWS_IN_A_ROW = 2;

/** What the sink told of one second of load: the share of it in which it was busy, and its end, ms since load start. */
export interface BusyWindow {
  atMs: number;
  busyRatio: number;
}

/** The doubts about a run whose sink was so busy, in order of time. */
export function describeBusySink(windows: readonly BusyWindow[]): string[] {
  if (windows.length === 0) return [];
  const mean = average(windows);
  if (mean > SINK_BUSY_MAX) return [`The sink was ${percent(mean)} % busy: it may have slowed the pipeline by itself`];
  const worst = findWorst(windows);
  if (worst === null) return [];
  const [first, last] = [worst[0]!, worst.at(-1)!];
  return [
    `The sink was ${percent(average(worst))} % busy from ${seconds(first.atMs - WINDOW_MS)} to ${seconds(last.atMs)} s of the load: it may have slowed the pipeline by itself`,
  ];
}

const WINDOW_MS = 1_000;

/** The longest stretch of windows each of which is above the limit, if it is long enough. */
function findWorst(windows: readonly BusyWindow[]): BusyWindow[] | null {
  let worst: BusyWindow[] = [];
  let current: BusyWindow[] = [];
  for (const window of windows) {
    current = window.busyRatio > SINK_BUSY_MAX ? [...current, window] : [];
    if (current.length > worst.length) worst = current;
  }
  return worst.length >= WINDOWS_IN_A_ROW ? worst : null;
}

function average(windows: readonly BusyWindow[]): number {
  return windows.reduce((sum, { busyRatio }) => sum + busyRatio, 0) / windows.length;
}

function percent(ratio: number): number {
  return Math.round(ratio * 100);
}

function seconds(ms: number): string {
  return (Math.max(0, ms) / 1_000).toFixed(0);
}
