import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { adjustForCount, contrastSamples, summariseSample } from './statistics.ts';

const sample = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 8 });

describe('summariseSample', () => {
  it('says how sure the interval is: three values hold the median three times in four, six nearly always', () => {
    expect(summariseSample([3, 1, 2])).toEqual({ count: 3, median: 2, low: 1, high: 3, coverage: 0.75 });
    expect(summariseSample([5]).coverage).toBe(0);
    expect(summariseSample([1, 2, 3, 4, 5]).coverage).toBe(0.9375);
    expect(summariseSample([1, 2, 3, 4, 5, 6]).coverage).toBe(0.96875);
  });

  it('leaves out extremes as soon as the rest is sure enough', () => {
    // Conover, table of binomial quantiles: for n = 20 the 6th and the 15th value, 95.9 %.
    const { low, high, coverage } = summariseSample(Array.from({ length: 20 }, (_, index) => index + 1));
    expect([low, high]).toEqual([6, 15]);
    expect(coverage).toBeCloseTo(0.9586, 4);
  });

  it('low ≤ median ≤ high, all from within the sample', () => {
    fc.assert(
      fc.property(sample, (values) => {
        const { low, median, high } = summariseSample(values);
        expect(low).toBeLessThanOrEqual(median);
        expect(median).toBeLessThanOrEqual(high);
        expect(values).toContain(low);
        expect(values).toContain(high);
      }),
    );
  });
});

describe('contrastSamples', () => {
  it('agrees with the published exact probabilities', () => {
    // All splits of 3 and 3: 20, of which 2 are as uneven as the complete separation.
    expect(contrastSamples([1, 2, 3], [4, 5, 6])).toEqual({ shift: 3, delta: 1, p: 0.1, smallestP: 0.1 });
    expect(contrastSamples([1, 2, 3, 4, 5], [6, 7, 8, 9, 10]).p).toBeCloseTo(2 / 252, 12);
    // R: wilcox.test(c(0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46), c(1.15, 0.88, 0.90, 0.74, 1.21))
    // gives W = 35, p = 0.2544 two-sided (Hollander and Wolfe, table 4.1).
    const permeability = contrastSamples(
      [0.8, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46],
      [1.15, 0.88, 0.9, 0.74, 1.21],
    );
    expect(permeability.p).toBeCloseTo(0.2544, 3);
    expect(permeability.shift).toBeCloseTo(-0.305, 3);
  });

  it('equal samples show nothing', () => {
    expect(contrastSamples([2, 2, 2], [2, 2, 2])).toMatchObject({ shift: 0, delta: 0, p: 1 });
  });

  it('the other way round, everything is mirrored; p stays within its bounds', () => {
    fc.assert(
      fc.property(sample, sample, (a, b) => {
        const [there, back] = [contrastSamples(a, b), contrastSamples(b, a)];
        expect(back.shift + there.shift).toBeCloseTo(0, 12);
        expect(back.delta + there.delta).toBeCloseTo(0, 12);
        expect(back.p).toBeCloseTo(there.p, 9);
        expect(there.p).toBeLessThanOrEqual(1);
        expect(there.p).toBeGreaterThanOrEqual(there.smallestP / 2 - 1e-12);
      }),
    );
  });

  it('where there is no difference, p is at most 0.05 in at most one of twenty', () => {
    // Every split of the ranks 1 to 8 into four and four, each equally likely under no difference.
    const ranks = [1, 2, 3, 4, 5, 6, 7, 8];
    const splits = Array.from({ length: 256 }, (_, mask) => ranks.filter((_rank, bit) => mask & (1 << bit)))
      .filter((left) => left.length === 4)
      .map(
        (left) =>
          contrastSamples(
            left,
            ranks.filter((rank) => !left.includes(rank)),
          ).p,
      );
    expect(splits).toHaveLength(70);
    expect(splits.filter((p) => p <= 0.05).length / 70).toBeLessThanOrEqual(0.05);
  });
});

describe('adjustForCount', () => {
  it('agrees with p.adjust(method = "BH") of R', () => {
    const adjusted = adjustForCount([0.01, 0.02, 0.03, 0.5]);
    expect(adjusted.map((p) => Number(p.toFixed(6)))).toEqual([0.04, 0.04, 0.04, 0.5]);
    expect(adjustForCount([])).toEqual([]);
  });
});
