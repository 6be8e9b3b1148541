// The agent's memory: each class by a history that must be rejected with it, at any place among 100,000 events; then
// what is legal, and what cannot be known.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPrng } from '../core/prng.ts';
import { atMs, delivered } from '../testing/journey.ts';
import { memoryCeiling } from './memory-ceiling.ts';
import { checkHistory, type MadeRun, type Moment, processState } from './testing/check-history.ts';

const MIB = 1_048_576;
const lines = { web: [delivered(0)] };

function usage(ms: number, mebibytes: number, rest: Record<string, unknown> = {}): Moment {
  const data = { probe: 'usage', role: 'agent', name: 'a', cpuMs: 1, rssBytes: Math.round(mebibytes * MIB), ...rest };
  return { kind: 'probe', hop: 'agent', atNs: atMs(ms), data };
}

/** A sample each second. */
function series(seconds: number, at: (second: number) => number): Moment[] {
  return Array.from({ length: seconds }, (_, second) => usage(second * 1_000 + 500, at(second)));
}

const check = (events: Moment[], run: MadeRun = {}) =>
  checkHistory(memoryCeiling as never, {
    ...{ lines, events, loadEndMs: 120_000, endMs: 125_000, ...run },
    plan: (plan) => {
      plan.scenario.topology.agent.memoryMaxBytes = null;
      run.plan?.(plan);
    },
  });

const ceiling = { params: { max: '200MiB' } };

describe('memory-ceiling rejects', () => {
  it('memory over the ceiling, at its peak', async () => {
    const events = series(60, (second) => (second === 20 ? 210 : second === 22 ? 250 : 100));
    const { verdict, found, findings, numbers, cited } = await check(events, ceiling);
    expect({ verdict, found }).toEqual({ verdict: 'invalid', found: ['exceeded@agent'] });
    expect(findings[0]).toMatchObject({ fromMs: 20_500, toMs: 22_500, title: expect.stringMatching(/250\.0 MiB/) });
    expect(numbers).toMatchObject({ peakBytes: 250 * MIB, maxBytes: 200 * MIB });
    expect(cited(findings[0]!).map(({ atNs }) => atNs)).toEqual([atMs(20_500), atMs(22_500)]);
  });

  it('by the ceiling of the topology, and by all processes of the agent together', async () => {
    const plan: MadeRun['plan'] = ({ scenario }) => {
      scenario.topology.agent.memoryMaxBytes = 200 * MIB;
    };
    const events = Array.from({ length: 60 }, (_, second) =>
      usage(second * 1_000, 90, { groupRssBytes: 201 * MIB, groupProcesses: 3 }),
    );
    expect((await check(events, { plan })).found).toEqual(['exceeded@agent']);
  });

  it.each<[string, (second: number) => number]>([
    ['steadily', (second) => 60 + second],
    ['in sawteeth', (second) => 60 + second + (second % 7) * 3],
    ['in steps', (second) => 60 + Math.floor(second / 10) * 10],
  ])('memory that grows %s', async (_, at) => {
    const { found, findings, numbers } = await check(series(120, at));
    expect(found).toEqual(['growing@agent']);
    expect(numbers.growthBytesPerMinute! / MIB).toBeGreaterThan(50);
    expect(findings[0]).toMatchObject({ fromMs: 15_500, toMs: 119_500 });
  });

  it('growth on both sides of a fault', async () => {
    const faults = [{ fault: 'sink-down', hop: 'sink', fromMs: 50_000, toMs: 60_000, bit: true, evidence: [] }];
    expect(
      (
        await check(
          series(120, (second) => 60 + second),
          { facts: { faults } },
        )
      ).found,
    ).toEqual(['growing@agent']);
  });
});

describe('memory-ceiling stays clean', () => {
  it.each<[string, Moment[], MadeRun?]>([
    ['under its ceiling', series(60, () => 199), ceiling],
    ['while it warms up', series(120, (second) => 60 + Math.min(15, second) * 10)],
    ['in sawteeth that do not rise', series(120, (second) => 100 + (second % 20) * 5)],
    ['with a step, as of a backlog that was kept', series(120, (second) => (second < 60 ? 100 : 180))],
    [
      'where it grows while the sink is away',
      series(120, (second) => 100 + (second > 40 && second < 85 ? (second - 40) * 5 : 0)),
      {
        facts: { faults: [{ fault: 'sink-down', hop: 'sink', fromMs: 40_000, toMs: 80_000, bit: true, evidence: [] }] },
      },
    ],
    [
      'where it is restarted',
      [...series(120, (second) => (second % 60) * 0.4 + 60), processState(60_000, 'agent', 'started')],
    ],
    [
      'of other processes',
      [...series(60, () => 50), { ...usage(100, 900), data: { ...usage(1, 900).data, role: 'sink' } }],
      ceiling,
    ],
  ])('%s', async (_, events, run) => {
    expect(await check(events, run)).toMatchObject({ verdict: 'valid', found: [] });
  });
});

describe('memory-ceiling is unknown', () => {
  it.each<[string, Moment[], MadeRun, RegExp]>([
    ['without a measurement', [], ceiling, /never measured/],
    ['without load', series(60, () => 50), { ...ceiling, lines: {} }, /Not a line/],
    ['where there is no ceiling and too little time', series(40, () => 50), {}, /growth cannot be told/],
    [
      'where growth is asked for and there is too little time',
      series(40, () => 50),
      { params: { max: '1GiB', growthPerMinuteMax: '1MiB' } },
      /growth cannot be told/,
    ],
  ])('%s', async (_, events, run, reason) => {
    const { verdict, reasons } = await check(events, run);
    expect({ verdict, reason: reasons[0] }).toEqual({ verdict: 'unknown', reason: expect.stringMatching(reason) });
  });

  it('not about growth where a ceiling is all that was asked for', async () => {
    expect(
      (
        await check(
          series(20, () => 50),
          ceiling,
        )
      ).verdict,
    ).toBe('valid');
  });
});

interface Plan {
  seed: number;
  seconds: number;
  place: number;
}

const plans = (min: number, max: number): fc.Arbitrary<Plan> =>
  fc.record({
    seed: fc.nat(),
    seconds: fc.integer({ min, max }),
    place: fc.double({ min: 0.2, max: 0.9, noNaN: true }),
  });

/** Noise of a collector around a level; `perMinute`: mebibytes by which it grows. */
function makeLong({ seed, seconds }: Plan, perMinute = 0): Moment[] {
  const random = createPrng(seed);
  return series(seconds, (second) => 100 + (second / 60) * perMinute + random.next() * 30 + (second % 13) * 2);
}

describe.each([
  ['few', plans(90, 300), 15],
  ['100,000', plans(100_000, 100_500), 1],
])('among %s legal events', (_, arbitrary, numRuns) => {
  const long = ({ seconds }: Plan): MadeRun => ({
    loadEndMs: seconds * 1_000,
    endMs: seconds * 1_000 + 5_000,
    params: { max: '100GiB' },
  });
  const assert = (holds: (plan: Plan) => Promise<void>): Promise<void> =>
    fc.assert(fc.asyncProperty(arbitrary, holds), { numRuns });

  it('nothing is found', () =>
    assert(async (plan) => {
      expect(await check(makeLong(plan), long(plan))).toMatchObject({ verdict: 'valid', found: [] });
    }));

  it('one peak is found where it is, and nothing else', () =>
    assert(async (plan) => {
      const events = makeLong(plan);
      const second = Math.floor(plan.place * plan.seconds);
      events[second] = usage(second * 1_000 + 500, 301);
      const { found, findings } = await check(events, { ...long(plan), params: { max: '300MiB' } });
      expect({ found, fromMs: findings[0]?.fromMs }).toEqual({
        found: ['exceeded@agent'],
        fromMs: second * 1_000 + 500,
      });
    }));

  it('a leak is found, and nothing else', () =>
    assert(async (plan) => {
      expect((await check(makeLong(plan, 60), { ...long(plan), params: { max: '9000GiB' } })).found).toEqual([
        'growing@agent',
      ]);
    }));
});
