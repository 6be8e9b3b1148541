// The few statistics that a comparison of repeated runs needs, all exact and free of assumptions about how the values
// are spread: there are a handful of repeats, and what they measure (a freeze, a loss) is nowhere near normal.

import { median as medianOf } from 'simple-statistics';

/** A sample in brief. */
export interface SampleSummary {
  count: number;
  median: number;
  /** Ends of an interval for the median. */
  low: number;
  high: number;
  /** How likely the interval holds the true median: 0.95 or more, or what the whole range gives where it is less. */
  coverage: number;
}

/** How two samples differ. */
export interface SampleContrast {
  /** Hodges–Lehmann: the median of all differences `b − a`. */
  shift: number;
  /** Cliff's delta: share of pairs in which b is larger minus share in which it is smaller, −1 to 1. */
  delta: number;
  /** Two-sided probability of a split as uneven as this, were there no difference (Mann–Whitney, exact, ties included). */
  p: number;
  /** `p` of samples of these sizes that do not overlap at all; ties can halve it. */
  smallestP: number;
}

const COVERAGE_WANTED = 0.95;

/**
 * Median with the interval between two order statistics: the rank of the true median is binomial whatever the
 * distribution (Conover, Practical Nonparametric Statistics, section 3.2). Throws for an empty sample.
 */
export function summariseSample(values: readonly number[]): SampleSummary {
  const sorted = [...values].sort((a, b) => a - b);
  const count = sorted.length;
  let cut = 0;
  while (cut + 1 < count / 2 && coverageOf(count, cut + 1) >= COVERAGE_WANTED) cut++;
  return {
    count,
    median: medianOf(sorted),
    low: sorted[cut]!,
    high: sorted[count - 1 - cut]!,
    coverage: coverageOf(count, cut),
  };
}

/** How `b` differs from `a`. Throws for an empty sample. */
export function contrastSamples(a: readonly number[], b: readonly number[]): SampleContrast {
  const differences = a.flatMap((left) => b.map((right) => right - left));
  const larger = differences.filter((difference) => difference > 0).length;
  const smaller = differences.filter((difference) => difference < 0).length;
  return {
    shift: medianOf(differences),
    delta: (larger - smaller) / differences.length,
    p: rankProbability(a, b),
    smallestP: Math.min(1, 2 / choose(a.length + b.length, a.length)),
  };
}

/** Adjusts probabilities for their number by the false discovery rate (Benjamini and Hochberg 1995), in their order. */
export function adjustForCount(probabilities: readonly number[]): number[] {
  const order = probabilities.map((_, index) => index).sort((x, y) => probabilities[y]! - probabilities[x]!);
  const adjusted = new Array<number>(probabilities.length);
  let least = 1;
  for (const [position, index] of order.entries()) {
    const rank = probabilities.length - position;
    least = Math.min(least, (probabilities[index]! * probabilities.length) / rank);
    adjusted[index] = least;
  }
  return adjusted;
}

/** Probability that the interval without the outermost `cut` values on each side holds the median. */
function coverageOf(count: number, cut: number): number {
  let tail = 0;
  for (let below = 0; below <= cut; below++) tail += choose(count, below) / 2 ** count;
  return Math.max(0, 1 - 2 * tail);
}

/** Over all ways to split the pooled values into two groups of these sizes: how many are at least as uneven as this. */
function rankProbability(a: readonly number[], b: readonly number[]): number {
  const ranks = doubledRanks([...a, ...b]);
  const waysOfSum = countSums(ranks, a.length);
  const expected = (ranks.reduce((sum, rank) => sum + rank, 0) * a.length) / ranks.length;
  const observed = ranks.slice(0, a.length).reduce((sum, rank) => sum + rank, 0);
  let all = 0;
  let uneven = 0;
  for (const [sum, ways] of waysOfSum.entries()) {
    all += ways;
    if (Math.abs(sum - expected) >= Math.abs(observed - expected) - 1e-9) uneven += ways;
  }
  return Math.min(1, uneven / all);
}

/** Ranks times two, so that the mean ranks of equal values are whole numbers. */
function doubledRanks(values: readonly number[]): number[] {
  return values.map((value) => {
    const below = values.filter((other) => other < value).length;
    const equal = values.filter((other) => other === value).length;
    return 2 * below + equal + 1;
  });
}

/** For each sum: the number of ways to pick `size` of the ranks that add up to it. */
function countSums(ranks: readonly number[], size: number): number[] {
  const total = ranks.reduce((sum, rank) => sum + rank, 0);
  const ways = Array.from({ length: size + 1 }, () => new Array<number>(total + 1).fill(0));
  ways[0]![0] = 1;
  for (const rank of ranks) {
    for (let picked = size; picked >= 1; picked--) {
      for (let sum = total; sum >= rank; sum--) ways[picked]![sum]! += ways[picked - 1]![sum - rank]!;
    }
  }
  return ways[size]!;
}

function choose(count: number, picked: number): number {
  let ways = 1;
  for (let index = 1; index <= picked; index++) ways = (ways * (count - picked + index)) / index;
  return ways;
}
