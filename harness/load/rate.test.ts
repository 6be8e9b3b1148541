import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RatePoint } from '../model/scenario.ts';
import { integrateRate, planDueTimes } from './rate.ts';

const points = fc.uniqueArray(
  fc.record({
    atMs: fc.integer({ min: 0, max: 20_000 }),
    perSecond: fc.oneof(fc.integer({ min: 0, max: 2_000 }), fc.double({ min: 0, max: 50, noNaN: true })),
    ramp: fc.constantFrom('none' as const, 'linear' as const),
  }),
  { selector: (point) => point.atMs, minLength: 1, maxLength: 6 },
);

test('as many are due as the integral of the rate, give or take one', () => {
  fc.assert(
    fc.property(points, fc.integer({ min: 1, max: 25_000 }), (rate, untilMs) => {
      expect(Math.abs(planDueTimes({ rate, untilMs }).length - integrateRate({ rate, untilMs }))).toBeLessThanOrEqual(
        1,
      );
    }),
    { numRuns: 200 },
  );
});

test('due times ascend, none before the first point or after the end', () => {
  fc.assert(
    fc.property(points, fc.integer({ min: 1, max: 25_000 }), (rate, untilMs) => {
      const due = planDueTimes({ rate, untilMs });
      const first = Math.min(...rate.map(({ atMs }) => atMs));
      for (let index = 0; index < due.length; index++) {
        if (!(due[index]! >= (due[index - 1] ?? first) && due[index]! <= untilMs))
          throw new Error(`${due[index - 1]} before ${due[index]}`);
      }
    }),
    { numRuns: 200 },
  );
});

test('up to any instant, as many are due as the integral up to it, give or take one', () => {
  fc.assert(
    fc.property(points, fc.integer({ min: 1, max: 20_000 }), (points, atMs) => {
      // Without ramps, whose slope hangs on the end of their span: there the integral up to an instant is that of the cut rate.
      const rate = points.map((point): RatePoint => ({ ...point, ramp: 'none' }));
      const dueBefore = planDueTimes({ rate, untilMs: 20_000 }).filter((time) => time < atMs).length;
      expect(Math.abs(dueBefore - integrateRate({ rate, untilMs: atMs }))).toBeLessThanOrEqual(1);
    }),
    { numRuns: 100 },
  );
});

test('a steady rate is evenly spaced and gives its whole number', () => {
  const due = planDueTimes({ rate: [{ atMs: 0, perSecond: 1, ramp: 'none' }], untilMs: 60_000 });
  expect(due.length).toBe(60);
  expect([due[0], due[1], due[59]]).toEqual([500, 1_500, 59_500]);
});

test('a ramp comes from the rate before and takes the whole span: half of the lines of an up ramp come in its last 29 %', () => {
  const due = planDueTimes({
    rate: [
      { atMs: 0, perSecond: 0, ramp: 'none' },
      { atMs: 10_000, perSecond: 1_000, ramp: 'linear' },
    ],
    untilMs: 20_000,
  });
  expect(due.length).toBe(5_000);
  expect(due[0]).toBeGreaterThan(10_000);
  expect(due[2_499]).toBeCloseTo(10_000 + 10_000 * Math.SQRT1_2, -1);
});

test('the same rate gives the same instants, bit for bit', () => {
  const rate: RatePoint[] = [
    { atMs: 0, perSecond: 50, ramp: 'none' },
    { atMs: 10_000, perSecond: 1_000, ramp: 'none' },
    { atMs: 40_000, perSecond: 50, ramp: 'linear' },
  ];
  const due = planDueTimes({ rate, untilMs: 60_000 });
  expect(createHash('sha256').update(Buffer.from(due.buffer)).digest('hex')).toMatchInlineSnapshot(
    `"355b5e8e0620a47322a8c78c98ea4b01d574048c6f587281ff9a17e45a5824f7"`,
  );
});
