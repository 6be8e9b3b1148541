// From the values of all runs to what they show: a summary for each agent and measure, and for each two agents
// whether one of them has less. What the repeats can't carry is not said.

import { adjustForCount, contrastSamples, summariseSample } from '../../core/statistics.ts';
import type { ComparisonCell, ComparisonContrast, Measure, MeasureSummary } from '../../model/comparison.ts';

/** A difference is shown when chance alone would give one as uneven less often than this. */
const ALPHA = 0.05;

/** Median and interval of the values of one measure. */
export function summariseMeasure(measure: string, values: number[]): MeasureSummary {
  if (values.length === 0) return { measure, values, median: null, low: null, high: null, coverage: null };
  const { median, low, high, coverage } = summariseSample(values);
  return { measure, values, median, low, high, coverage };
}

/** Each two agents by each measure, in the order of cells and measures. */
export function contrastCells(cells: readonly ComparisonCell[], measures: readonly Measure[]): ComparisonContrast[] {
  return cells.flatMap((b, index) => cells.slice(0, index).flatMap((a) => contrastPair(a, b, measures)));
}

function contrastPair(a: ComparisonCell, b: ComparisonCell, measures: readonly Measure[]): ComparisonContrast[] {
  const contrasts = measures.map((measure) => contrastOne(a, b, measure));
  // Only what could have come out either way counts among the tests that were made.
  const tested = contrasts.filter(({ contrast }) => contrast.outcome === 'not-shown');
  const adjusted = adjustForCount(tested.map(({ contrast }) => contrast.p!));
  for (const [index, { contrast, isNameable }] of tested.entries()) {
    contrast.adjustedP = adjusted[index]!;
    if (contrast.adjustedP <= ALPHA && isNameable) contrast.outcome = contrast.shift! > 0 ? 'a' : 'b';
  }
  return contrasts.map(({ contrast }) => contrast);
}

function contrastOne(
  a: ComparisonCell,
  b: ComparisonCell,
  { id, floor }: Measure,
): { contrast: ComparisonContrast; isNameable: boolean } {
  const [left, right] = [a, b].map((cell) => cell.measures.find(({ measure }) => measure === id)!) as [
    MeasureSummary,
    MeasureSummary,
  ];
  const names = { measure: id, a: a.agent, b: b.agent };
  const nothing = { shift: null, delta: null, p: null, adjustedP: null };
  if (left.values.length === 0 || right.values.length === 0)
    return { contrast: { ...names, outcome: 'not-measured', ...nothing }, isNameable: false };
  const { shift, delta, p, smallestP } = contrastSamples(left.values, right.values);
  const all = [...left.values, ...right.values];
  const outcome = all.every((value) => value === all[0]) ? 'same' : smallestP > ALPHA ? 'too-few' : 'not-shown';
  const least = Math.max(floor.absolute, floor.ofMedian * Math.min(left.median!, right.median!));
  return { contrast: { ...names, outcome, shift, delta, p, adjustedP: null }, isNameable: Math.abs(shift) > least };
}
