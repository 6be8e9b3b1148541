// Delivery lag: from the end of a line's write to the first push of it that the sink accepted. Most lags are short and
// are counted in a plain table; the histogram takes the long ones, and the whole table at the end.

import { build } from 'hdr-histogram-js';
import type { Ledger } from '../model/ledger.ts';
import { ticksToMs } from './ticks.ts';

/** 6.5 s in units of 100 µs. */
const TABLE_TICKS = 65_536;

/** Collects the lags of a run. */
export interface LagMeter {
  /** Adds one lag in units of 100 µs. */
  add(ticks: number): void;
  /** Percentiles in ms; null when no lag was measured. Call once. */
  describe(): Ledger['lagMs'];
}

/** An empty meter. */
export function createLagMeter(): LagMeter {
  const table = new Uint32Array(TABLE_TICKS);
  const histogram = build({
    bitBucketSize: 32,
    autoResize: true,
    lowestDiscernibleValue: 1,
    highestTrackableValue: 2,
    numberOfSignificantValueDigits: 3,
  });
  return {
    add: (ticks) => {
      if (ticks < TABLE_TICKS) table[ticks]!++;
      else histogram.recordValue(ticks);
    },
    describe: () => {
      for (const [ticks, count] of table.entries())
        if (count > 0) histogram.recordValueWithCount(Math.max(1, ticks), count);
      if (histogram.totalCount === 0) return null;
      const at = (percentile: number): number => ticksToMs(histogram.getValueAtPercentile(percentile));
      return { p50: at(50), p99: at(99), max: ticksToMs(histogram.maxValue) };
    },
  };
}
