// The one progress line: how far the load is and what has happened to its lines so far.

import type { RunTick } from '../model/reporter.ts';
import { describeCount } from './describe.ts';
import { makeOneLine } from './escape.ts';

const BAR_CELLS = 10;

/** What is going on, in the order of the pipeline, without the name of the run. */
export function describeProgress(tick: RunTick): string {
  const seconds = Math.max(0, Math.floor(tick.sinceLoadStartMs / 1_000));
  const stored = tick.storedLines === undefined ? [] : [`stored ${describeCount(tick.storedLines)}`];
  const refused = tick.refused > 0 ? ` (${describeCount(tick.refused)} refused)` : '';
  const faults = tick.activeFaults.length > 0 ? [`fault ${tick.activeFaults.map(makeOneLine).join(', ')}`] : [];
  return [
    `${seconds}/${Math.round(tick.loadMs / 1_000)} s`,
    ...faults,
    ...(tick.note ? [makeOneLine(tick.note)] : []),
    `due ${describeCount(tick.dueLines)}`,
    `written ${describeCount(tick.writtenLines)}`,
    ...stored,
    `pushes ${describeCount(tick.pushes)}${refused}`,
  ].join(' · ');
}

/** A bar of ten cells for the share of the load that has passed. */
export function describeProgressBar({ sinceLoadStartMs, loadMs }: RunTick): string {
  const share = loadMs > 0 ? Math.min(1, Math.max(0, sinceLoadStartMs / loadMs)) : 0;
  const filled = Math.round(share * BAR_CELLS);
  return '━'.repeat(filled) + '╌'.repeat(BAR_CELLS - filled);
}
