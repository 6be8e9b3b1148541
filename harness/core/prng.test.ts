import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPrng } from './prng.ts';

const take = (seed: string | number, count: number): number[] => {
  const prng = createPrng(seed);
  return Array.from({ length: count }, () => prng.next());
};

describe('prng', () => {
  it('has a golden fingerprint for seed 42', () => {
    const text = take(42, 1_000).join();
    expect(createHash('sha256').update(text).digest('hex')).toMatchInlineSnapshot(
      `"6520f80d182a06bb9950fab0bdd337f75e56096c45c2157eb514eac8c6eb4739"`,
    );
  });

  it('gives the same stream for the same seed and another for another', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer(), (a, b) => {
        expect(take(a, 8)).toEqual(take(a, 8));
        if (a !== b) expect(take(a, 8)).not.toEqual(take(b, 8));
      }),
    );
  });

  it('stays within [0, 1) and within asked integers', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: -1_000, max: 1_000 }), fc.nat(1_000), (seed, min, span) => {
        const prng = createPrng(seed);
        const drawn = prng.integer({ min, max: min + span });
        expect(drawn).toBeGreaterThanOrEqual(min);
        expect(drawn).toBeLessThanOrEqual(min + span);
        expect(prng.next()).toBeLessThan(1);
      }),
    );
  });

  it('forks streams that do not depend on draws made elsewhere', () => {
    const one = createPrng(7);
    one.next();
    expect(one.fork('load').next()).toBe(createPrng(7).fork('load').next());
  });

  it('is spread evenly enough to plan load with', () => {
    const buckets = new Array(10).fill(0);
    for (const value of take('even', 100_000)) buckets[Math.floor(value * 10)]++;
    for (const count of buckets) expect(Math.abs(count - 10_000)).toBeLessThan(500);
  });
});
