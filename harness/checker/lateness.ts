// How late lines were, without keeping each: counts in steps of 0.1 ms up to a minute, and the largest exactly.

const STEP_MS = 0.1;
const STEPS = 600_000;

/** Collects the lateness of lines. */
export interface Lateness {
  add(ms: number): void;
  /** 99 of 100 lines were at most this late, to 0.1 ms; the largest where more than a hundredth were over a minute late. */
  p99Ms(): number;
  maxMs(): number;
}

/** An empty collection. */
export function createLateness(): Lateness {
  const counts = new Uint32Array(STEPS);
  let total = 0;
  let maxMs = 0;
  return {
    add: (ms) => {
      total++;
      if (ms > maxMs) maxMs = ms;
      const step = Math.ceil(ms / STEP_MS);
      if (step < STEPS) counts[step]!++;
    },
    p99Ms: () => {
      let below = 0;
      const rank = Math.floor(total * 0.99) + 1;
      for (let step = 0; step < STEPS; step++) {
        below += counts[step]!;
        if (below >= Math.min(rank, total) && total > 0) return Math.min(maxMs, step * STEP_MS);
      }
      return maxMs;
    },
    maxMs: () => maxMs,
  };
}
