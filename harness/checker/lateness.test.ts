import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createLateness } from './lateness.ts';

it('tells p99 to a tenth of a millisecond and the largest exactly, as sorting all of them would', () => {
  const ms = fc.double({ min: 0, max: 59_000, noNaN: true });
  fc.assert(
    fc.property(fc.array(ms, { minLength: 1, maxLength: 400 }), (all) => {
      const lateness = createLateness();
      for (const each of all) lateness.add(each);
      const sorted = [...all].sort((a, b) => a - b);
      const exact = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * 0.99))]!;
      expect(lateness.maxMs()).toBe(sorted.at(-1));
      expect(Math.abs(lateness.p99Ms() - exact)).toBeLessThanOrEqual(0.1 + 1e-9);
    }),
    { numRuns: 300 },
  );
});

it('says the largest where most were more than a minute late, and 0 where there were none', () => {
  const lateness = createLateness();
  expect([lateness.p99Ms(), lateness.maxMs()]).toEqual([0, 0]);
  for (const each of [1, 70_000, 80_000]) lateness.add(each);
  expect(lateness.p99Ms()).toBe(80_000);
});
