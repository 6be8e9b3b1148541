// Does a health page deceive? Histories that must be rejected, alone and among 100,000 legal events; then what is legal,
// and what cannot be known.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPrng } from '../core/prng.ts';
import { createFacts } from '../testing/fixtures/report-facts.ts';
import { atMs, delivered } from '../testing/journey.ts';
import { deadButGreen } from './dead-but-green.ts';
import { checkHistory, logger, type MadeRun, type Moment, processState, push } from './testing/check-history.ts';

const END_MS = 61_000;
const lines = { web: [delivered(0)] };

function health(ms: number, status = 200): Moment {
  return { kind: 'probe', hop: 'agent', atNs: atMs(ms), data: { probe: 'health', status, tookMs: 2 } };
}

function sentBytes(ms: number, count = 10): Moment {
  return { kind: 'driver-sent', hop: 'driver', app: 'web', atNs: atMs(ms), data: { lines: count, bytes: count * 100 } };
}

/** A minute of a healthy agent: lines each 250 ms, pushes each second, asked each second; without what `skips`. */
function minute(
  skips: { pushes?: [number, number]; polls?: [number, number]; lines?: [number, number] } = {},
): Moment[] {
  const isIn = (range: [number, number] | undefined, ms: number): boolean =>
    range !== undefined && ms >= range[0] && ms < range[1];
  const moments: Moment[] = [];
  for (let ms = 250; ms < END_MS - 1_000; ms += 250) {
    if (!isIn(skips.lines, ms)) moments.push(sentBytes(ms));
    if (ms % 1_000 === 500 && !isIn(skips.pushes, ms)) moments.push(push(ms));
    if (ms % 1_000 === 750 && !isIn(skips.polls, ms)) moments.push(health(ms));
  }
  return moments;
}

const check = (events: Moment[], run: MadeRun = {}) =>
  checkHistory(deadButGreen as never, {
    lines,
    events,
    endMs: END_MS,
    loadEndMs: END_MS - 1_000,
    ...run,
    facts: { faults: [], ...run.facts },
  });

const sinkFault = (fromMs: number, toMs: number) => ({
  fault: 'sink-down',
  hop: 'sink',
  fromMs,
  toMs,
  bit: true,
  evidence: [],
});

describe('dead-but-green rejects', () => {
  it('a page that is green while lines go in and nothing comes out', async () => {
    const { verdict, found, findings, numbers, cited } = await check(minute({ pushes: [20_000, 40_000] }));
    expect({ verdict, found }).toEqual({ verdict: 'invalid', found: ['green-while-stuck@agent'] });
    expect(findings[0]).toMatchObject({ fromMs: 20_000, toMs: 39_750 });
    expect(numbers).toMatchObject({ stuckMs: 19_750, healthPolls: 60, greenPolls: 60 });
    expect(cited(findings[0]!).map(({ kind }) => kind)).toEqual(['push', 'probe', 'probe']);
  });

  it('one that is green while the driver stands in its write to the agent', async () => {
    const stuck = minute({ pushes: [20_000, 40_000], lines: [19_000, 40_000] });
    const blocked = Array.from({ length: 40 }, (_, index) =>
      logger(20_500 + index * 500, { state: 'sending', blockedMs: 900 }),
    );
    expect((await check([...stuck, ...blocked])).found).toEqual(['green-while-stuck@agent']);
  });

  it('one that is green while every push is refused, though no fault refuses them', async () => {
    const refused = Array.from({ length: 20 }, (_, second) => push(20_500 + second * 1_000, { status: 400 }));
    expect((await check([...minute({ pushes: [20_000, 40_000] }), ...refused])).found).toEqual([
      'green-while-stuck@agent',
    ]);
  });

  it('one that stays green when the sink is back', async () => {
    const events = minute({ pushes: [10_000, 45_000] });
    const { found, findings } = await check(events, { facts: { faults: [sinkFault(10_000, 30_000)] } });
    expect(found).toEqual(['green-while-stuck@agent']);
    expect(findings[0]).toMatchObject({ fromMs: 30_000, toMs: 44_750 });
  });
});

describe('dead-but-green stays clean', () => {
  const red = (from: number, to: number): Moment[] =>
    Array.from({ length: (to - from) / 1_000 }, (_, index) => health(from + index * 1_000 + 750, 503));

  it.each<[string, Moment[], MadeRun?]>([
    ['over a healthy agent', minute()],
    [
      'over an agent that is stuck and says so',
      [...minute({ pushes: [20_000, 40_000], polls: [20_000, 40_000] }), ...red(20_000, 40_000)],
    ],
    [
      'where it says so in time',
      [...minute({ pushes: [20_000, 40_000], polls: [29_000, 40_000] }), ...red(29_000, 40_000)],
    ],
    [
      'where it does not answer at all',
      [
        ...minute({ pushes: [20_000, 40_000], polls: [21_000, 40_000] }),
        ...red(21_000, 40_000).map((poll) => ({ ...poll, data: { ...poll.data, status: 0 } })),
      ],
    ],
    ['where nothing waits', minute({ pushes: [20_000, 40_000], lines: [19_500, 40_000] })],
    [
      'where the last lines went out just before they were reported',
      minute({ pushes: [20_500, 40_000], lines: [20_000, 40_000] }),
    ],
    [
      'while a fault stands before the sink',
      minute({ pushes: [20_000, 40_000] }),
      { facts: { faults: [sinkFault(19_000, 41_000)] } },
    ],
    [
      'while the driver waits to connect again',
      [
        ...minute({ pushes: [20_000, 40_000], lines: [19_500, 40_000] }),
        logger(25_000, { state: 'reconnecting', blockedMs: 0 }),
      ],
    ],
    [
      'when what waited died with the agent',
      [...minute({ pushes: [20_000, 40_000], lines: [20_500, 40_000] }), processState(21_000, 'agent', 'exited')],
    ],
    ['up to its limit', minute({ pushes: [20_000, 40_000] }), { params: { stuckMax: '20s' } }],
  ])('%s', async (_, events, run) => {
    expect(await check(events, run)).toMatchObject({ verdict: 'valid', found: [] });
  });
});

describe('dead-but-green is unknown', () => {
  const only = (keep: (moment: Moment) => boolean): Moment[] => minute().filter(keep);

  it.each<[string, Moment[], RegExp, MadeRun?]>([
    ['where the page was never asked', only(({ kind }) => kind !== 'probe'), /never asked/],
    [
      'where it never was green',
      minute().map((moment) => (moment.kind === 'probe' ? { ...moment, data: { ...moment.data, status: 0 } } : moment)),
      /never answered with 2xx/,
    ],
    ['where nobody saw lines go in', only(({ kind }) => kind !== 'driver-sent'), /Nobody saw a line/],
    ['where no push was seen', only(({ kind }) => kind !== 'push').slice(0, 30), /No push was seen/],
    ['where the run is shorter than the limit', minute(), /not longer than/, { params: { stuckMax: '2m' } }],
    ['after an empty run', [], /never asked/],
  ])('%s', async (_, events, reason, run) => {
    const { verdict, reasons } = await check(events, run);
    expect({ verdict, reason: reasons[0] }).toEqual({ verdict: 'unknown', reason: expect.stringMatching(reason) });
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
    place: fc.double({ min: 0, max: 1, noNaN: true }),
  });

/** Any number of seconds with pauses of either side, refused pushes and red answers; `stuck`: nothing gets through. */
function makeLong({ seed, seconds }: Plan, stuck?: [number, number]): Moment[] {
  const random = createPrng(seed);
  const moments: Moment[] = [];
  for (let second = 1; second < seconds - 1; second++) {
    const ms = second * 1_000;
    const isStuck = stuck !== undefined && second >= stuck[0] && second < stuck[1];
    for (const at of [0, 250, 500, 750]) if (isStuck || random.next() < 0.9) moments.push(sentBytes(ms + at));
    // At most some seconds without a push, as with an agent that flushes seldom or tries again.
    if (!isStuck && (second % 6 === 0 || random.next() < 0.7)) moments.push(push(ms + 400 + random.next() * 200));
    if (random.next() < 0.2) moments.push(push(ms + 650, { status: 500 }));
    moments.push(health(ms + 900, isStuck || random.next() < 0.95 ? 200 : 503));
  }
  return moments;
}

describe('among legal events', () => {
  const long = ({ seconds }: Plan): MadeRun => ({ endMs: seconds * 1_000, loadEndMs: seconds * 1_000 - 1_000 });

  it.each([
    ['few', plans(40, 200), 30],
    ['100,000', plans(17_000, 17_500), 1],
  ])('of %s nothing is found', async (_, arbitrary, numRuns) => {
    const clean = fc.asyncProperty(arbitrary, async (plan) => {
      expect(await check(makeLong(plan), long(plan))).toMatchObject({ verdict: 'valid', found: [] });
    });
    await fc.assert(clean, { numRuns });
  });

  it.each([
    ['few', plans(40, 200), 30],
    ['100,000', plans(17_000, 17_500), 1],
  ])('of %s one stuck agent that says it is well is found where it is', async (_, arbitrary, numRuns) => {
    const planted = fc.asyncProperty(arbitrary, async (plan) => {
      const from = 2 + Math.floor(plan.place * (plan.seconds - 25));
      const { found, findings } = await check(makeLong(plan, [from, from + 18]), long(plan));
      expect(found).toEqual(['green-while-stuck@agent']);
      expect(findings[0]!.fromMs).toBeLessThanOrEqual((from + 2) * 1_000);
      expect(findings[0]!.toMs).toBeGreaterThanOrEqual((from + 17) * 1_000);
    });
    await fc.assert(planted, { numRuns });
  });
});

describe('dead-but-green is not judged', () => {
  const withHealth = (health: string | null) => {
    const facts = createFacts(false);
    return { ...facts, plan: { ...facts.plan, agent: { ...facts.plan.agent, health } } };
  };

  it('where the agent file names no health page', () => {
    expect(deadButGreen.skips?.(withHealth(null))).toMatch(/names no `health:`/);
    expect(deadButGreen.skips?.(withHealth('http://127.0.0.1:1/health'))).toBeNull();
  });
});
