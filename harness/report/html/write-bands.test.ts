import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBins } from './bins.ts';
import { createWriteBands } from './write-bands.ts';

const bins = createBins({ loadStartNs: 0, endMs: 1_000 });

/** The bands of one bin with these writes. */
function bandsOf(writes: readonly number[]): Record<'p50' | 'p95' | 'p99' | 'max', number | null> {
  const bands = createWriteBands(bins);
  for (const ms of writes) bands.add(2, ms);
  const { p50, p95, p99, max } = bands.describe();
  return { p50: p50[2]!, p95: p95[2]!, p99: p99[2]!, max: max[2]! };
}

describe('the bands of writes', () => {
  it('p50 ≤ p95 ≤ p99 ≤ max, each at most a step above the true one, the maximum exact', () => {
    const write = fc.double({ min: 0, max: 900_000, noNaN: true });
    fc.assert(
      fc.property(fc.array(write, { minLength: 1, maxLength: 300 }), (writes) => {
        const bands = bandsOf(writes);
        const sorted = writes.toSorted((a, b) => a - b);
        expect(bands.max).toBe(sorted.at(-1));
        let below = 0;
        for (const [name, share] of [
          ['p50', 0.5],
          ['p95', 0.95],
          ['p99', 0.99],
          ['max', 1],
        ] as const) {
          const real = sorted[Math.ceil(share * sorted.length) - 1]!;
          const told = bands[name]!;
          expect(told).toBeGreaterThanOrEqual(below);
          expect(told).toBeGreaterThanOrEqual(Math.min(real * 0.994, real));
          expect(told).toBeLessThanOrEqual(Math.max(real * 1.09, 0.0109));
          below = told;
        }
      }),
    );
  });

  it('show one stalled write among a thousand in the maximum alone, and two hundred in the p95', () => {
    const healthy = new Array<number>(1_000).fill(0.05);
    expect(bandsOf([...healthy, 5_000])).toMatchObject({ max: 5_000 });
    expect(bandsOf([...healthy, 5_000]).p99).toBeLessThan(0.06);
    expect(bandsOf([...healthy, ...new Array<number>(200).fill(5_000)])).toMatchObject({ p95: 5_000, p99: 5_000 });
    expect(bandsOf([...healthy, ...new Array<number>(200).fill(5_000)]).p50).toBeLessThan(0.06);
  });

  it('have nothing where no write was open, and keep bins apart', () => {
    const bands = createWriteBands(bins);
    bands.add(0, 10);
    bands.add(1, 0);
    expect(bands.describe()).toEqual({
      p50: [10, 0, null, null],
      p95: [10, 0, null, null],
      p99: [10, 0, null, null],
      max: [10, 0, null, null],
    });
  });
});
