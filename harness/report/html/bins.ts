// The time axis of a run cut into equal bins: 250 ms for runs up to 30 s, 1 s up to 20 minutes, then as wide as
// 1,200 bins need. Time 0 is load start.

/** A value per bin; null where nothing was measured. */
export type Series = (number | null)[];

/** Bins over [load start, end of the run). */
export interface Bins {
  binMs: number;
  count: number;
  /** Start of each bin, seconds since load start. */
  timesS: number[];
  /** The bin of an absolute time, -1 outside. */
  indexOf(atNs: number): number;
  /** Start of a bin as absolute ns. */
  startNs(index: number): number;
  secondsOf(atNs: number): number;
  zeros(): Float64Array;
  nulls(): Series;
  /** Sums per bin as rates per second. */
  perSecond(sums: Float64Array): number[];
}

const SHORT_RUN_MS = 30_000;
const BINS_MAX = 1_200;

/** Bins for a run of `endMs`. */
export function createBins({ loadStartNs, endMs }: { loadStartNs: number; endMs: number }): Bins {
  const binMs = endMs <= SHORT_RUN_MS ? 250 : Math.max(1_000, Math.ceil(endMs / BINS_MAX / 1_000) * 1_000);
  const count = Math.max(1, Math.ceil(endMs / binMs));
  const startNs = (index: number): number => loadStartNs + index * binMs * 1e6;
  return {
    binMs,
    count,
    timesS: Array.from({ length: count }, (_, index) => (index * binMs) / 1_000),
    indexOf: (atNs) => {
      const index = Math.floor((atNs - loadStartNs) / 1e6 / binMs);
      return index >= 0 && index < count ? index : -1;
    },
    startNs,
    secondsOf: (atNs) => (atNs - loadStartNs) / 1e9,
    zeros: () => new Float64Array(count),
    nulls: () => new Array<number | null>(count).fill(null),
    perSecond: (sums) => Array.from(sums, (sum) => (sum * 1_000) / binMs),
  };
}
