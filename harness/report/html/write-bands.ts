// How long writes took, bin by bin, as percentiles: the median of a healthy pipeline stays flat while its p99 or its
// maximum tells of a stall that a mean would hide. Memory is bounded by the bins, not by the writes: each bin counts
// its writes in steps of a 32nd of a decade, so a percentile is at most 7.5 % above the true one.

import type { Bins, Series } from './bins.ts';

/** One value per bin each, ms; null where no write was open. */
export interface WriteBands {
  p50: Series;
  p95: Series;
  p99: Series;
  max: Series;
}

const LEAST_MS = 0.01;
const STEPS_PER_DECADE = 32;
/** From 10 µs to 1,000 s; what is longer counts as that, and the maximum is exact. */
const STEPS = 8 * STEPS_PER_DECADE;

/** Takes writes in, and tells their percentiles. */
export function createWriteBands(bins: Bins) {
  const counts = new Uint32Array(bins.count * STEPS);
  const max = bins.nulls();
  const percentile = (share: number): Series => max.map((most, bin) => most && readPercentile(bin, share, most));

  function readPercentile(bin: number, share: number, most: number): number {
    const row = counts.subarray(bin * STEPS, (bin + 1) * STEPS);
    const rank = Math.ceil(row.reduce((sum, count) => sum + count, 0) * share);
    let step = 0;
    for (let seen = row[0]!; seen < rank; seen += row[step]!) step++;
    return Math.min(most, upperEdge(step));
  }

  return {
    /** A write that had been open for so long when it ended, or when the bin did. */
    add(bin: number, ms: number): void {
      counts[bin * STEPS + stepOf(ms)]! += 1;
      max[bin] = Math.max(max[bin] ?? 0, ms);
    },
    describe: (): WriteBands => ({ p50: percentile(0.5), p95: percentile(0.95), p99: percentile(0.99), max }),
  };
}

function stepOf(ms: number): number {
  if (ms <= LEAST_MS) return 0;
  return Math.min(STEPS - 1, Math.floor(Math.log10(ms / LEAST_MS) * STEPS_PER_DECADE));
}

function upperEdge(step: number): number {
  return Number((LEAST_MS * 10 ** ((step + 1) / STEPS_PER_DECADE)).toPrecision(3));
}
