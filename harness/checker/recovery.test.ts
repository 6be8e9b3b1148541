// After the last heal: each class by a history that must be rejected with it, alone and among 100,000 legal events;
// then what is legal, and what cannot be known.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPrng } from '../core/prng.ts';
import { atMs, type Journey, journey } from '../testing/journey.ts';
import { recovery } from './recovery.ts';
import { checkHistory, logger, type MadeRun, type Moment, push } from './testing/check-history.ts';

/** A sink that was away from 2 s to 4 s; the parts are told to stop at 14 s unless told otherwise. */
const HEAL_MS = 4_000;
const outage = { fault: 'sink-down', hop: 'sink', fromMs: 2_000, toMs: HEAL_MS, bit: true, evidence: [] };
const healed: Moment = {
  kind: 'fault-healed',
  hop: 'sink',
  atNs: atMs(HEAL_MS),
  data: { fault: 'sink-down', index: 0 },
};

const check = (run: MadeRun) =>
  checkHistory(recovery as never, {
    ...run,
    facts: { faults: [outage], ...run.facts },
    events: [healed, ...(run.events ?? [])],
    params: { within: '5s', ...run.params },
  });

/** A line that the sink took at `acceptedMs`; it left the driver at once, unless told otherwise. */
function taken(
  seq: number,
  { dueMs, acceptedMs, sentMs }: { dueMs: number; acceptedMs: number; sentMs?: number },
): Journey {
  const line = journey(seq, dueMs).planned().written().sent().pushed(204).stored();
  for (const record of line.records) {
    if (record.kind === 6) record.atNs = atMs(acceptedMs);
    if (record.kind === 5 && sentMs !== undefined) record.atNs = atMs(sentMs);
  }
  return line;
}

/** One line before the outage, one in it, one after it. */
const calm = [
  taken(0, { dueMs: 100, acceptedMs: 300 }),
  taken(1, { dueMs: 2_500, acceptedMs: 4_800 }),
  taken(2, { dueMs: 4_900, acceptedMs: 5_100 }),
];

describe('recovery rejects', () => {
  it('a backlog that takes too long, with the heal and the push that ended it', async () => {
    const late = taken(3, { dueMs: 3_000, acceptedMs: 9_200 });
    const { verdict, found, findings, numbers, cited } = await check({
      lines: { web: [...calm, late] },
      events: [push(9_200)],
    });
    expect({ verdict, found }).toEqual({ verdict: 'invalid', found: ['too-slow@agent'] });
    expect(numbers).toMatchObject({ recoveryMs: 5_200, backlogLines: 2, liveLines: 1, healMs: HEAL_MS });
    expect(findings[0]).toMatchObject({
      fromMs: HEAL_MS,
      toMs: 9_200,
      title: expect.stringMatching(/2 lines took 5\.2 s/),
    });
    expect(cited(findings[0]!).map(({ kind }) => kind)).toEqual(['fault-healed', 'push']);
  });

  it('a backlog that the driver held, because it waited to connect again or the agent did not read', async () => {
    const late = taken(3, { dueMs: 3_000, sentMs: 9_100, acceptedMs: 9_200 });
    const run: MadeRun = { lines: { web: [...calm, late] } };
    expect((await check(run)).found).toEqual(['too-slow@driver..agent']);
    const inOutage = logger(3_900, { state: 'reconnecting' });
    expect((await check({ ...run, events: [inOutage] })).found).toEqual(['too-slow@driver..agent']);
    const { found, findings } = await check({ ...run, events: [logger(6_000, { state: 'reconnecting' })] });
    expect(found).toEqual(['too-slow@driver']);
    expect(findings[0]!.remedy?.key).toBe('driver.retryWait');
  });

  it('live lines that wait while backlog still comes', async () => {
    const web = [
      ...calm,
      taken(3, { dueMs: 3_000, acceptedMs: 8_000 }),
      taken(4, { dueMs: 4_100, acceptedMs: 7_900 }),
      taken(5, { dueMs: 5_000, acceptedMs: 8_100 }),
    ];
    const { found, findings, numbers } = await check({ lines: { web }, params: { liveLagMax: '2s' } });
    expect(found).toEqual(['backlog-starves-live@agent']);
    expect(numbers).toMatchObject({ starvedLines: 2, liveLagMaxMs: 3_800, recoveryMs: 4_000 });
    expect(findings[0]!.title).toMatch(/^2 lines of web .* up to 3\.8 s/);
  });

  it('a pipeline through which nothing came any more', async () => {
    const web = [calm[0]!, journey(1, 3_000).planned().written().sent(), journey(2, 5_000).planned().written().sent()];
    const { found, findings } = await check({ lines: { web } });
    expect(found).toEqual(['too-slow@agent']);
    expect(findings[0]).toMatchObject({ numbers: { watchedMs: 10_000, missingLines: 1 } });
  });

  it('by the last heal of several faults', async () => {
    const second = { ...outage, fromMs: 5_000, toMs: 6_000 };
    const web = [...calm, taken(3, { dueMs: 5_500, acceptedMs: 10_900 })];
    expect((await check({ lines: { web }, facts: { faults: [outage, second] } })).verdict).toBe('valid');
    expect((await check({ lines: { web }, params: { liveLagMax: '1s' } })).verdict).toBe('valid');
  });
});

describe('recovery stays clean', () => {
  it.each<[string, Journey[]]>([
    ['when the backlog comes in time', calm],
    ['when a line of the backlog is lost: that is parity’s', [...calm, journey(3, 3_000).planned().written().sent()]],
    ['when a live line waits after the backlog is in', [...calm, taken(3, { dueMs: 4_950, acceptedMs: 14_000 })]],
    [
      'when a line was taken twice, the second time late',
      [...calm, taken(3, { dueMs: 3_000, acceptedMs: 4_500 }).pushed(204)],
    ],
  ])('%s', async (_, web) => {
    expect(await check({ lines: { web } })).toMatchObject({ verdict: 'valid', found: [] });
  });
});

describe('recovery is unknown', () => {
  it.each<[string, MadeRun, RegExp]>([
    ['without a fault', { lines: { web: calm }, facts: { faults: [] } }, /No fault/],
    ['where nothing waited', { lines: { web: [calm[0]!, calm[2]!] } }, /No line was waiting/],
    ['after an empty run', { lines: {} }, /No line was waiting/],
    [
      'where all that waited is lost and the rest came through',
      { lines: { web: [calm[0]!, journey(1, 3_000).planned().written().sent(), calm[2]!] } },
      /None of 1 line/,
    ],
    [
      'where it was not watched for long enough to tell',
      { lines: { web: [journey(0, 3_000).planned().written().sent()] }, endMs: 8_000 },
      /None of 1 line/,
    ],
  ])('%s', async (_, run, reason) => {
    const { verdict, reasons } = await check(run);
    expect({ verdict, reason: reasons[0] }).toEqual({ verdict: 'unknown', reason: expect.stringMatching(reason) });
  });
});

interface Plan {
  seed: number;
  length: number;
  place: number;
}

const plans = (min: number, max: number): fc.Arbitrary<Plan> =>
  fc.record({
    seed: fc.nat(),
    length: fc.integer({ min, max }),
    place: fc.double({ min: 0, max: 0.999, noNaN: true }),
  });

/** Lines over 10 s: taken at once before the outage, in order or not within 4 s after the heal, at once later. */
function makeLegal({ seed, length }: Plan): Journey[] {
  const random = createPrng(seed);
  return Array.from({ length }, (_, seq) => {
    const dueMs = (seq / length) * 10_000;
    const isHeld = dueMs > 1_500 && dueMs <= 5_000;
    const acceptedMs = isHeld
      ? Math.max(HEAL_MS + 100, dueMs) + random.next() * 3_000
      : dueMs + 20 + random.next() * 1_000;
    return taken(seq, { dueMs, acceptedMs });
  });
}

describe('among legal lines', () => {
  const params = { within: '5s', liveLagMax: '4s' };
  const inWindow = ({ length, place }: Plan, fromMs: number, toMs: number): number =>
    Math.ceil((length * (fromMs + place * (toMs - fromMs))) / 10_000);
  const plants: Record<string, (plan: Plan, web: Journey[]) => void> = {
    'too-slow@agent': (plan, web) => {
      const seq = inWindow(plan, 2_000, 3_900);
      web[seq] = taken(seq, { dueMs: (seq / plan.length) * 10_000, acceptedMs: 9_001 + plan.place * 1_000 });
    },
    'backlog-starves-live@agent': (plan, web) => {
      // The backlog ends at 8.5 s, in time; a line due before that waits over 4 s.
      const last = inWindow({ ...plan, place: 0.5 }, 2_000, 3_900);
      web[last] = taken(last, { dueMs: (last / plan.length) * 10_000, acceptedMs: 8_500 });
      const seq = inWindow(plan, 4_100, 8_000);
      const dueMs = (seq / plan.length) * 10_000;
      web[seq] = taken(seq, { dueMs, acceptedMs: dueMs + 4_001 });
    },
  };

  it.each([
    ['few', plans(100, 1_000), 20],
    ['100,000 events', plans(20_000, 21_000), 1],
  ])('of %s nothing is found', async (_, arbitrary, numRuns) => {
    const clean = fc.asyncProperty(arbitrary, async (plan) => {
      expect(await check({ lines: { web: makeLegal(plan) }, params })).toMatchObject({ verdict: 'valid', found: [] });
    });
    await fc.assert(clean, { numRuns });
  });

  it.each(Object.entries(plants))('one %s is found at any place, and nothing else', async (found, plant) => {
    for (const [arbitrary, numRuns] of [
      [plans(100, 1_000), 15],
      [plans(20_000, 21_000), 1],
    ] as const) {
      const planted = fc.asyncProperty(arbitrary, async (plan) => {
        const web = makeLegal(plan);
        plant(plan, web);
        expect((await check({ lines: { web }, params })).found).toEqual([found]);
      });
      await fc.assert(planted, { numRuns });
    }
  });
});
