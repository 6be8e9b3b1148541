import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RateLimit } from './rate-limit.ts';

test('never more than the burst and what the time has earned, and never less while lines come', () => {
  const settings = fc.record({
    linesPerSecond: fc.integer({ min: 1, max: 1000 }),
    burst: fc.integer({ min: 1, max: 1000 }),
  });
  fc.assert(
    fc.property(settings, fc.array(fc.integer({ min: 0, max: 200 }), { maxLength: 300 }), (limit, gaps) => {
      let now = 0;
      const bucket = new RateLimit(limit, () => now);
      let taken = 0;
      for (const gap of gaps) {
        now += gap;
        for (let i = 0; i < 5; i++) if (bucket.take()) taken++;
      }
      expect(taken).toBeLessThanOrEqual(limit.burst + (now / 1000) * limit.linesPerSecond + 1e-6);
      const offered = gaps.length * 5;
      if (offered <= limit.burst) expect(taken).toBe(offered);
    }),
  );
});

test('a steady app at its rate loses nothing', () => {
  let now = 0;
  const bucket = new RateLimit({ linesPerSecond: 100, burst: 10 }, () => now);
  let refused = 0;
  for (let i = 0; i < 10_000; i++, now += 10) if (!bucket.take()) refused++;
  expect(refused).toBe(0);
});
