// Does the agent hear itself? Each class by a history that must be rejected with it and nothing else, then legal
// histories that stay clean, then both at random places of long ones.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPrng } from '../core/prng.ts';
import { delivered } from '../testing/journey.ts';
import { feedbackLoop } from './feedback-loop.ts';
import { checkHistory, driverRead, type MadeRun, type Moment, own, push, reentered } from './testing/check-history.ts';

const lines = { web: [delivered(0), delivered(1)] };

/** One event of each kind every 250 ms from `fromMs` to `toMs`. */
function each(fromMs: number, toMs: number, make: (ms: number) => Moment[]): Moment[] {
  const events: Moment[] = [];
  for (let ms = fromMs; ms < toMs; ms += 250) events.push(...make(ms));
  return events;
}

const healthy = each(0, 14_000, (ms) => [driverRead(ms, 2_000), own(ms, 60), push(ms, { appBytes: 2_000 })]);

function check(events: Moment[], rest: MadeRun = {}) {
  return checkHistory(feedbackLoop as never, { lines, events: [...healthy, ...events], ...rest });
}

describe('feedback-loop rejects', () => {
  it('a howl that goes on when load and faults have ended', async () => {
    const refused = push(4_000, { status: 500, appBytes: 4e6 });
    const howl = each(4_250, 14_000, (ms) => [own(ms, 20_000), reentered(ms, 20_000)]);
    const { verdict, found, findings, cited, numbers } = await check([refused, ...howl]);
    expect({ verdict, found }).toEqual({ verdict: 'invalid', found: ['howling@agent'] });
    expect(findings[0]).toMatchObject({ severity: 'critical', remedy: { key: 'self.driver' } });
    expect(findings[0]!.fromMs).toBeLessThanOrEqual(4_250);
    expect(findings[0]!.fromMs).toBeGreaterThan(2_000);
    expect(cited(findings[0]!)[0]).toMatchObject({ kind: 'push', data: { status: 500 } });
    expect(cited(findings[0]!).some(({ data }) => data?.point === 'reentered')).toBe(true);
    expect(numbers.ringDownMs).toBeGreaterThan(2_000);
  });

  it('a howl that ends in time but is over five times what had been refused', async () => {
    const burst = each(3_000, 6_000, (ms) => [own(ms, 50_000), reentered(ms, 50_000)]);
    const { found, findings } = await check([push(2_900, { status: 500, appBytes: 100_000 }), ...burst]);
    expect(found).toEqual(['howling@agent']);
    expect(findings[0]!.title).toMatch(/6 times what had been refused/);
  });

  it('a howl for which nothing was refused at all', async () => {
    const { found } = await check(each(3_000, 6_000, (ms) => [own(ms, 50_000), reentered(ms, 50_000)]));
    expect(found).toEqual(['howling@agent']);
  });

  it('a howl seen by an engine that does not own the driver, and nothing where the way back was not watched', async () => {
    const burst = each(3_000, 6_000, (ms) => [own(ms, 50_000), reentered(ms, 50_000)]);
    const events = [...healthy, ...burst].filter(({ kind }) => kind !== 'driver-read');
    const watched = events.map((event) => ({ ...event, data: { ...event.data, watched: true } }));
    expect((await checkHistory(feedbackLoop as never, { lines, events: watched })).found).toEqual(['howling@agent']);
    const quiet = healthy.filter(({ kind }) => kind !== 'driver-read');
    const onlyStdout = quiet.map((event) => ({ ...event, data: { ...event.data, watched: true } }));
    expect((await checkHistory(feedbackLoop as never, { lines, events: onlyStdout })).verdict).toBe('unknown');
  });

  it('a loop that rings down, as damped', async () => {
    const burst = each(3_000, 6_000, (ms) => [own(ms, 50_000), reentered(ms, 50_000)]);
    const { verdict, found, findings } = await check([push(2_900, { status: 500, appBytes: 1e6 }), ...burst]);
    expect({ verdict, found }).toEqual({ verdict: 'invalid', found: ['damped-loop@agent'] });
    expect(findings[0]).toMatchObject({ severity: 'major', fromMs: expect.any(Number) });
    expect(findings[0]!.toMs).toBeLessThanOrEqual(8_000);
  });

  it('printed payload, even where the own log is isolated', async () => {
    const { verdict, found, findings, cited, numbers } = await check([own(5_100, 900_000, { ids: 3 })]);
    expect({ verdict, found }).toEqual({ verdict: 'invalid', found: ['payload-echo@agent'] });
    expect(cited(findings[0]!)).toMatchObject([{ kind: 'agent-own', data: { ids: 3 } }]);
    expect(numbers.payloadIdsInOwnLog).toBe(3);
  });

  it('a loop inside the agent: bytes in pushes that no app wrote and no driver brought', async () => {
    const inside = each(3_000, 6_000, (ms) => [push(ms + 10, { ownEntries: 5, ownBytes: 30_000 })]);
    const { verdict, found, findings } = await check(inside);
    expect({ verdict, found }).toEqual({ verdict: 'invalid', found: ['internal-loop@agent'] });
    expect(findings[0]!.severity).toBe('critical');
    const refused = push(2_900, { status: 500, appBytes: 1e6 });
    expect((await check([refused, ...inside])).findings).toMatchObject([{ class: 'internal-loop', severity: 'major' }]);
  });

  it('both halves of the founding defect side by side', async () => {
    const howl = each(4_250, 14_000, (ms) => [own(ms, 20_000, { ids: 9 }), reentered(ms, 20_000)]);
    expect((await check(howl)).found).toEqual(['howling@agent', 'payload-echo@agent']);
  });
});

describe('feedback-loop stays clean', () => {
  it.each<[string, Moment[]]>([
    ['with nothing but own lines', []],
    ['when short own lines re-enter and die', each(0, 14_000, (ms) => [own(ms, 1_500), reentered(ms, 1_500)])],
    ['when own output is loud for less than 2 s worth', [own(5_000, 19_000), reentered(5_000, 19_000)]],
    ['when a loud log goes elsewhere', each(2_000, 9_000, (ms) => [own(ms, 90_000)])],
    [
      'when what re-entered is pushed, wrapped and escaped',
      each(0, 14_000, (ms) => [reentered(ms, 2_000), own(ms, 2_000), push(ms + 5, { ownBytes: 6_000, ownEntries: 9 })]),
    ],
    [
      'when a retried push holds what re-entered again and again',
      each(3_000, 6_000, (ms) => [
        reentered(ms, 2_000),
        own(ms, 2_000),
        push(ms + 5, { ownBytes: 8_000, ownEntries: 9, status: 500 }),
      ]),
    ],
    [
      'when a batch that holds what re-entered once is refused and pushed again',
      [
        reentered(3_000, 30_000),
        ...each(3_100, 4_600, (ms) => [push(ms, { ownBytes: 60_000, ownEntries: 9, status: 500 })]),
        push(4_700, { ownBytes: 60_000, ownEntries: 9 }),
      ],
    ],
    ['in a storm of refused pushes', each(3_000, 9_000, (ms) => [push(ms + 1, { status: 429, appBytes: 1e6 })])],
  ])('%s', async (_, events) => {
    expect(await check(events)).toMatchObject({ verdict: 'valid', found: [], reasons: [] });
  });

  it('within 1 % of what the apps write, and not above', async () => {
    const busy = each(0, 10_000, (ms) => [driverRead(ms, 1e6)]);
    const loop = (bytes: number) => each(2_000, 6_000, (ms) => [own(ms, bytes), reentered(ms, bytes)]);
    expect((await check([...busy, ...loop(9_900)])).found).toEqual([]);
    expect((await check([...busy, ...loop(10_200)])).found).toEqual(['howling@agent']);
    expect((await check([...busy, ...loop(10_200)], { params: { ownBytesPerAppByteMax: 0.02 } })).found).toEqual([]);
  });

  it('when what came back in before load is pushed after it has started, once', async () => {
    const before = reentered(-400, 100_000);
    const pushed = each(0, 2_000, (ms) => [push(ms + 1, { ownEntries: 9, ownBytes: 40_000 })]);
    expect((await check([before, ...pushed])).found).toEqual([]);
    expect((await check(pushed)).found).toEqual(['internal-loop@agent']);
    const spent = push(-100, { ownEntries: 9, ownBytes: 500_000 });
    expect((await check([before, spent, ...pushed])).found).toEqual(['internal-loop@agent']);
  });

  it('when the lines without an id in pushes are those the apps wrote', async () => {
    const empty = { anonymous: { '0000abcd': [100, 30_000] as [number, number] }, ownBytes: 30_000, ownEntries: 100 };
    const events = each(2_000, 6_000, (ms) => [push(ms + 1, empty)]);
    expect((await check(events, { facts: { anonymousCrcs: ['0000abcd'] } })).found).toEqual([]);
    expect((await check(events, { facts: { anonymousCrcs: ['0000abce'] } })).found).toEqual(['internal-loop@agent']);
  });

  it('when bytes are seen in front of a relay and again in front of the sink', async () => {
    const twice = each(0, 14_000, (ms) => [
      reentered(ms, 1_000),
      own(ms, 1_000),
      push(ms + 5, { ownBytes: 4_000 }, 'relay'),
      push(ms + 9, { ownBytes: 4_000 }),
    ]);
    const events = [...each(0, 14_000, (ms) => [driverRead(ms, 2_000)]), ...twice];
    expect(await checkHistory(feedbackLoop as never, { lines, events })).toMatchObject({ verdict: 'valid', found: [] });
  });
});

describe('what re-entered explains what is pushed', () => {
  const chatter = (untilMs: number) => each(0, untilMs, (ms) => [own(ms, 1_000), reentered(ms, 1_000)]);
  const times = { loadEndMs: 400_000, endMs: 500_000 };
  const alive = (fromMs: number, toMs: number, status = 204) => each(fromMs, toMs, (ms) => [push(ms, { status })]);
  const burst = (fromMs: number) =>
    each(fromMs, fromMs + 3_000, (ms) => [push(ms, { ownEntries: 9, ownBytes: 30_000 })]);

  it('for as long as an agent needs for it: what it dropped an hour ago excuses nothing', async () => {
    const events = [...chatter(100_000), ...alive(0, 400_000)];
    expect((await check([...events, ...burst(110_000)], times)).found).toEqual([]);
    expect((await check([...events, ...burst(200_000)], times)).found).toEqual(['internal-loop@agent']);
  });

  it('for all of an outage: a backlog may hold it for minutes', async () => {
    const refused = [...chatter(100_000), ...alive(0, 100_000), ...alive(100_000, 300_000, 500)];
    const silent = [...chatter(100_000), ...alive(0, 100_000)];
    const quiet = healthy.filter(({ atNs }) => atNs < 100_000e6);
    for (const events of [refused, silent])
      expect(
        (
          await checkHistory(feedbackLoop as never, {
            lines,
            events: [...quiet, ...events, ...burst(301_000)],
            ...times,
          })
        ).found,
      ).toEqual([]);
  });
});

describe('feedback-loop does not know', () => {
  it('after an empty run', async () => {
    const { verdict, reasons } = await check([], { lines: {} });
    expect({ verdict, reasons }).toEqual({
      verdict: 'unknown',
      reasons: [expect.stringMatching(/No line was written/)],
    });
  });

  it('when the driver reported nothing, or no push was recorded', async () => {
    const blind = async (kind: string) =>
      checkHistory(feedbackLoop as never, { lines, events: healthy.filter((event) => event.kind !== kind) });
    expect(await blind('driver-read')).toMatchObject({
      verdict: 'unknown',
      reasons: [/driver reported nothing/].map((text) => expect.stringMatching(text)),
    });
    expect(await blind('push')).toMatchObject({ verdict: 'valid' });
    const strangers = {
      readBack: {
        listedEntries: 9,
        countedEntries: 9,
        deliveries: 2,
        echoes: 0,
        idLessEntries: 7,
        idLessBytes: 90_000,
        phantomSamples: [],
      },
    };
    const events = healthy.filter((event) => event.kind !== 'push');
    expect(await checkHistory(feedbackLoop as never, { lines, events, ledger: strangers })).toMatchObject({
      verdict: 'unknown',
      reasons: [expect.stringMatching(/no push was recorded/)],
    });
    expect(await checkHistory(feedbackLoop as never, { lines, events, ledger: { readBack: null } })).toMatchObject({
      verdict: 'unknown',
      reasons: [expect.stringMatching(/No push was recorded/)],
    });
  });

  it('but what it saw is a finding whatever it did not see', async () => {
    const events = [own(5_000, 100, { ids: 1 })];
    expect(await checkHistory(feedbackLoop as never, { lines, events })).toMatchObject({
      verdict: 'invalid',
      found: ['payload-echo@agent'],
    });
  });
});

interface Legal {
  seed: number;
  ticks: number;
  /** Where the violation is planted, as a share of the load. */
  place: number;
}

const legal = (min: number, max: number) =>
  fc.record<Legal>({
    seed: fc.nat(),
    ticks: fc.integer({ min, max }),
    place: fc.double({ min: 0.02, max: 0.6, noNaN: true }),
  });

/** A run of `ticks` × 250 ms with some five events each: busy apps, own lines that die, refusals that are mended. */
function makeLegal({ seed, ticks }: Legal): { events: Moment[]; loadEndMs: number; endMs: number } {
  const random = createPrng(seed);
  const endMs = ticks * 250;
  const loadEndMs = Math.floor(ticks * 0.8) * 250;
  const events = each(0, endMs - 1_000, (ms) => {
    const bytes = random.integer({ min: 0, max: ms < loadEndMs ? 1_800 : 150 });
    const appBytes = random.integer({ min: 10_000, max: 200_000 });
    const status = random.next() < 0.1 ? 429 : 204;
    return [
      own(ms, bytes),
      ...(random.next() < 0.6 ? [reentered(ms, bytes)] : []),
      ...(ms < loadEndMs ? [driverRead(ms, appBytes), driverRead(ms, 100, 'quiet')] : []),
      push(ms + random.integer({ min: 1, max: 200 }), {
        status,
        appBytes,
        ownBytes: random.integer({ min: 0, max: 300 }),
      }),
    ];
  });
  return { events, loadEndMs, endMs };
}

const plants: Record<string, (fromMs: number, endMs: number) => Moment[]> = {
  howling: (fromMs, endMs) => each(fromMs, endMs - 1_000, (ms) => [own(ms, 40_000), reentered(ms, 40_000)]),
  'damped-loop': (fromMs) => [
    push(fromMs, { status: 500, appBytes: 1e9 }),
    ...each(fromMs, fromMs + 4_000, (ms) => [own(ms, 60_000), reentered(ms, 60_000)]),
  ],
  'payload-echo': (fromMs) => [own(fromMs, 300, { ids: 1 })],
  'internal-loop': (fromMs) => each(fromMs, fromMs + 4_000, (ms) => [push(ms, { ownEntries: 9, ownBytes: 90_000 })]),
};

describe.each([
  ['thousands of events', legal(400, 3_600), 6],
  ['100,000 events', legal(24_000, 25_000), 1],
])('among %s', (_, arbitrary, numRuns) => {
  it('nothing is found where all is legal', async () => {
    await fc.assert(
      fc.asyncProperty(arbitrary, async (plan) => {
        const run = makeLegal(plan);
        if (numRuns === 1) expect(run.events.length).toBeGreaterThan(98_000);
        expect(await checkHistory(feedbackLoop as never, { lines, ...run })).toMatchObject({
          verdict: 'valid',
          found: [],
        });
      }),
      { numRuns },
    );
  });

  it.each(Object.entries(plants))(
    'one planted %s at a random place is found, and nothing else',
    async (name, plant) => {
      await fc.assert(
        fc.asyncProperty(arbitrary, async (plan) => {
          const { events, ...times } = makeLegal(plan);
          const fromMs = Math.floor(plan.place * (times.loadEndMs / 250)) * 250;
          const { found, findings } = await checkHistory(feedbackLoop as never, {
            lines,
            events: [...events, ...plant(fromMs, times.endMs)],
            ...times,
          });
          expect(found).toEqual([`${name}@agent`]);
          if (name !== 'payload-echo') {
            expect(findings[0]!.fromMs).toBeGreaterThan(fromMs - 2_001);
            // What re-entered lately may explain the first bytes of a loop inside.
            expect(findings[0]!.fromMs).toBeLessThanOrEqual(name === 'internal-loop' ? fromMs + 2_000 : fromMs);
          }
        }),
        { numRuns },
      );
    },
  );
});
