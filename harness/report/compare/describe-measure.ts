// Values and differences of a comparison in words: each measure in its own unit.

import { describeDuration, describeSize } from '../../core/units.ts';
import type { Comparison, MeasureSummary, MeasureUnit } from '../../model/comparison.ts';

/** A value of a measure; `–` where nothing was measured. */
export function describeValue(unit: MeasureUnit, value: number | null): string {
  if (value === null) return '–';
  if (unit === 'share') return `${trim(value * 100)} %`;
  if (unit === 'ms') return describeDuration(value);
  if (unit === 'bytes') return describeSize(value);
  return unit === 'seconds' ? `${trim(value)} s` : trim(value);
}

/** A difference of two values, without its sign; of shares in points. */
export function describeDifference(unit: MeasureUnit, difference: number): string {
  const size = Math.abs(difference);
  return unit === 'share' ? `${trim(size * 100)} points` : describeValue(unit, size);
}

/** Median with its interval, e.g. `12.1 s (11.8 s to 12.9 s)`; the median alone where all values are the same. */
export function describeSummary(unit: MeasureUnit, { median, low, high }: MeasureSummary): string {
  const text = describeValue(unit, median);
  if (median === null || low === high) return text;
  return `${text} (${describeValue(unit, low)} to ${describeValue(unit, high)})`;
}

/** What intervals are, said once for a comparison; it depends on how many repeats there are. */
export function describeIntervals({ scenarios, repeats }: Comparison): string {
  const coverages = scenarios.flatMap(({ cells }) =>
    cells.flatMap(({ measures }) => measures.map(({ coverage }) => coverage)),
  );
  const least = Math.min(...coverages.filter((coverage) => coverage !== null));
  if (!Number.isFinite(least)) return 'No run measured anything.';
  if (repeats === 1 || least === 0) return 'One run each: a single value says nothing about how it spreads.';
  const sure = `holds the true median with a probability of at least ${trim(Math.floor(least * 1_000) / 10)} %`;
  return `Median of ${repeats} repeats; the interval behind it ${sure}.`;
}

function trim(value: number): string {
  if (Math.abs(value) >= 1_000) return Math.round(value).toLocaleString('en-US');
  return String(Number(value.toPrecision(3)));
}
