// Joins slow writes into the stretches in which an app stood still, whatever number of writes that took.

import type { BlockedRun, Interval } from './write-times.ts';

/** Slow writes this close together are one standstill. */
const GAP_MS = 100;

/** The stretches, in order of time. `slow` is ordered by beginning. */
export function findBlockedRuns(slow: readonly (Interval & { isOpen: boolean })[]): BlockedRun[] {
  const runs: BlockedRun[] = [];
  for (const { fromMs, toMs, isOpen } of slow) {
    const last = runs.at(-1);
    if (!last || fromMs > last.toMs + GAP_MS) {
      runs.push({ fromMs, toMs, longestMs: toMs - fromMs, isOpen });
      continue;
    }
    last.toMs = Math.max(last.toMs, toMs);
    last.longestMs = Math.max(last.longestMs, toMs - fromMs);
    last.isOpen ||= isOpen;
  }
  return runs;
}

/** Whether two stretches have a moment in common. */
export function overlaps(one: Interval, other: Interval): boolean {
  return one.fromMs <= other.toMs && other.fromMs <= one.toMs;
}
