// Did every line arrive, once? Each class at each hop by a history that must be rejected with it, then legal ones.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { delivered, type Journey, journey } from '../testing/journey.ts';
import { parity } from './parity.ts';
import { checkHistory, type MadeRun, type Moment, processState, push } from './testing/check-history.ts';
import { LARGE, type LinesPlan, linesPlan, makeLegalLines, sent } from './testing/legal-lines.ts';

/** Ten delivered lines with an odd one among them. */
function among(odd: Journey, rest: Partial<MadeRun> = {}): MadeRun {
  const web = Array.from({ length: 10 }, (_, seq) => delivered(seq));
  web[4] = odd;
  return { lines: { web }, ...rest };
}

const check = (run: MadeRun) => checkHistory(parity as never, run);
const dropEvent: Moment = {
  ...{ kind: 'driver-dropped', hop: 'driver', app: 'web', atNs: 5_000e6 + 9e6 },
  data: { reason: 'ring-full', lines: 1, bytes: 100 },
};

describe('parity rejects a lost line at the hop where it was seen last', () => {
  it.each<[string, Journey, string, Moment[], RegExp]>([
    [
      'dropped by the driver',
      journey(4).planned().written().dropped('ring-full'),
      'driver',
      [dropEvent],
      /ring was full/,
    ],
    ['held by the driver', journey(4).planned().written().held('queue'), 'driver', [], /in the driver's queue/],
    ['in the pipe', journey(4).planned().written(), 'driver', [], /still in the pipe/],
    ['in an open write', journey(4).planned().written({ open: true }), 'app', [], /still in the write\(2\)/],
    ['never pushed', sent(4), 'agent', [], /handed on and never pushed/],
    [
      'refused with 500',
      sent(4).pushed(500),
      'agent',
      [push(8, { status: 500 })],
      /refused with 500 and never pushed again/,
    ],
    ['without an answer', sent(4).pushed(0), 'agent', [push(8, { status: 0 })], /got no answer/],
    ['refused as a whole', sent(4).pushed(400), 'agent', [push(8, { status: 400 })], /refused with 400 as a whole/],
    [
      'accepted and not stored',
      sent(4).pushed(204),
      'sink',
      [],
      /1 line of web was accepted by the sink and is not stored/,
    ],
    ['swallowed by a relay', sent(4).pushed(204, { hop: 'relay' }), 'relay', [], /never reached the sink/],
    ['only quoted', sent(4).pushed(204).echoed(1), 'agent', [], /only entries that quote it arrived/],
  ])('%s', async (_, odd, hop, events, title) => {
    const { verdict, found, findings, numbers, cited } = await check(among(odd, { events }));
    expect({ verdict, found }).toEqual({ verdict: 'invalid', found: [`lost@${hop}`] });
    expect(findings[0]).toMatchObject({
      severity: 'critical',
      numbers: { lines: 1, bytes: 100 },
      title: expect.stringMatching(title),
    });
    expect(numbers).toMatchObject({ dueLines: 10, writtenLines: 10, lostLines: 1, storedLines: 9 });
    expect(cited(findings[0]!).map(({ kind, data }) => [kind, data?.status])).toEqual(
      events.map(({ kind, data }) => [kind, data?.status]),
    );
  });

  it('between driver and agent where the agent died after the line was sent', async () => {
    const died = processState(60, 'agent', 'killed');
    const { found, findings } = await check(among(sent(4), { events: [died] }));
    expect(found).toEqual(['lost@driver..agent']);
    expect(findings[0]!.remedy?.text).toMatch(/fluentd-request-ack/);
  });

  it('and gives one finding for each way in which lines were lost, largest first', async () => {
    const web = [
      delivered(0),
      sent(1).pushed(500),
      sent(2).pushed(500),
      journey(3).planned().written().dropped('closed'),
    ];
    const { found, findings } = await check({ lines: { web, other: [delivered(0), sent(1).pushed(500)] } });
    expect(found).toEqual(['lost@agent', 'lost@driver']);
    expect(findings[0]!.title).toMatch(/^3 lines of web and other were lost/);
  });
});

describe('parity rejects', () => {
  it('a line that the sink refused for good, as rejected', async () => {
    const events = [push(8, { push: 7, status: 400, refusal: "max entry size '262144' bytes exceeded" })];
    const { verdict, found, findings, cited } = await check(among(sent(4).pushed(400, { push: 7 }), { events }));
    expect({ verdict, found }).toEqual({ verdict: 'invalid', found: ['rejected@sink'] });
    expect(findings[0]).toMatchObject({ severity: 'major', title: expect.stringMatching(/line too long/) });
    expect(cited(findings[0]!)).toMatchObject([{ kind: 'push', data: { push: 7 } }]);
  });

  it('lines pushed again after they had been accepted, hidden by the sink or not', async () => {
    for (const stored of [delivered(4).pushed(204), delivered(4).pushed(204).stored()]) {
      const { verdict, found, findings } = await check(among(stored));
      expect({ verdict, found }).toEqual({ verdict: 'invalid', found: ['duplicated@agent'] });
      expect(findings[0]!.numbers).toMatchObject({ duplicatePushedLines: 1, duplicatedRatio: 0.1 });
    }
    expect((await check(among(delivered(4).stored(), { ledger: { recordingHop: false } }))).found).toEqual([
      'duplicated@agent',
    ]);
  });

  it('lines that no app was due to write, where they were seen', async () => {
    const stray = await check(
      among(delivered(4), { lines: { web: [delivered(0), journey(77).pushed(204).stored()] } }),
    );
    expect(stray).toMatchObject({ verdict: 'invalid', found: ['phantom@sink'] });
    const events = [push(9, { foreign: ['lrs1-run001-ghost-1-0-00000000'] }, 'relay')];
    expect(await check(among(delivered(4), { events }))).toMatchObject({
      verdict: 'invalid',
      found: ['phantom@relay'],
    });
  });

  it('each by itself: duplicates never hide a loss, nor a loss duplicates', async () => {
    const web = [delivered(0).pushed(204).stored(), delivered(1).pushed(204).stored(), sent(2), sent(3)];
    const { found, numbers } = await check({ lines: { web } });
    expect(found).toEqual(['lost@agent', 'duplicated@agent']);
    expect(numbers).toMatchObject({ lostLines: 2, duplicatePushedLines: 2, storedLines: 2, dueLines: 4 });
  });
});

describe('parity stays clean', () => {
  it.each<[string, Journey]>([
    [
      'after a storm of retries without loss',
      sent(4).pushed(500).pushed(429).pushed(0).pushed(503).pushed(204).stored(),
    ],
    ['when a line is also quoted', delivered(4).echoed(3)],
    ['when a line was never due to be written in time', journey(4).planned()],
    ['when a line went through a relay', sent(4).pushed(204, { hop: 'relay' }).pushed(204).stored()],
    ['when a line came split or unverified', sent(4).pushed(204).stored('split')],
  ])('%s', async (_, odd) => {
    expect(await check(among(odd))).toMatchObject({ verdict: 'valid', found: [], reasons: [] });
  });

  it('within what the scenario allows, and not above', async () => {
    const run = among(sent(4).pushed(500));
    expect((await check({ ...run, params: { lostMax: 1 } })).verdict).toBe('valid');
    const twice = among(delivered(4).pushed(204));
    expect((await check({ ...twice, params: { duplicatedMaxRatio: 0.1 } })).verdict).toBe('valid');
    expect((await check({ ...twice, params: { duplicatedMaxRatio: 0.09 } })).verdict).toBe('invalid');
  });
});

describe('parity does not know', () => {
  it('after an empty run, or one in which nothing was written', async () => {
    expect(await check({})).toMatchObject({ verdict: 'unknown', reasons: [expect.stringMatching(/No line was due/)] });
    const unwritten = { lines: { web: [journey(0).planned(), journey(1).planned()] } };
    expect(await check(unwritten)).toMatchObject({
      verdict: 'unknown',
      reasons: [expect.stringMatching(/Not one of 2 lines/)],
    });
  });

  it('when the sink could not be read back, or its witnesses disagree', async () => {
    const run = among(sent(4).pushed(204));
    const readBack = {
      listedEntries: 9,
      countedEntries: 10,
      deliveries: 9,
      echoes: 0,
      idLessEntries: 0,
      phantomSamples: [],
    };
    expect((await check({ ...run, ledger: { readBack } })).verdict).toBe('unknown');
    expect((await check({ ...run, ledger: { readBack: null } })).verdict).toBe('unknown');
  });

  it('but what the sink never accepted is lost whoever is right', async () => {
    const readBack = {
      listedEntries: 9,
      countedEntries: 10,
      deliveries: 9,
      echoes: 0,
      idLessEntries: 0,
      phantomSamples: [],
    };
    expect((await check({ ...among(sent(4).pushed(500)), ledger: { readBack } })).verdict).toBe('invalid');
  });

  it.each<[string, Journey]>([
    ['duplicates', delivered(4).pushed(204).stored()],
    ['phantoms', journey(4).pushed(204).stored()],
  ])('and a doubt about the witnesses does not turn %s into a sure finding', async (_, odd) => {
    const readBack = {
      listedEntries: 99,
      countedEntries: 10,
      deliveries: 99,
      echoes: 0,
      idLessEntries: 0,
      phantomSamples: [],
    };
    expect((await check({ ...among(odd), ledger: { readBack } })).verdict).toBe('unknown');
  });
});

const plans = linesPlan({ min: 2_000, max: 20_000 });

const plants: Record<string, { found: string; plant(seq: number): Journey; events?: Moment[] }> = {
  'line dropped by the driver': {
    found: 'lost@driver',
    plant: (seq) => journey(seq).planned().written().dropped('queue-full'),
  },
  'line lost in the agent': { found: 'lost@agent', plant: (seq) => sent(seq).pushed(500) },
  'line the sink lost': { found: 'lost@sink', plant: (seq) => sent(seq).pushed(204) },
  'rejected line': {
    found: 'rejected@sink',
    plant: (seq) => sent(seq).pushed(400, { push: 99 }),
    events: [push(5, { push: 99, status: 400, refusal: 'entry too far behind' })],
  },
  phantom: { found: 'phantom@sink', plant: (seq) => journey(seq).pushed(204).stored() },
};

describe.each([
  ['thousands of lines', plans, 4],
  ['100,000 events', LARGE, 1],
])('among %s', (_, arbitrary, numRuns) => {
  const holds = (property: (plan: LinesPlan, web: Journey[]) => Promise<void>): Promise<void> =>
    fc.assert(
      fc.asyncProperty(arbitrary, (plan) => property(plan, makeLegalLines(plan))),
      { numRuns },
    );

  it('nothing is found where all is legal', () =>
    holds(async (_plan, web) => {
      expect(await check({ lines: { web } })).toMatchObject({ verdict: 'valid', found: [] });
    }));

  it.each(Object.entries(plants))(
    'one %s at a random place is found, and nothing else',
    (_name, { found, plant, events = [] }) =>
      holds(async (plan, web) => {
        const seq = Math.floor(plan.place * plan.length);
        web[seq] = plant(seq);
        expect(await check({ lines: { web }, events })).toMatchObject({ verdict: 'invalid', found: [found] });
      }),
  );

  it('more than 2 % of duplicates anywhere are found, and nothing else', () =>
    holds(async (plan, web) => {
      const from = Math.floor(plan.place * plan.length * 0.9);
      for (let seq = from; seq < from + Math.ceil(plan.length * 0.025); seq++) web[seq] = delivered(seq).pushed(204);
      expect((await check({ lines: { web } })).found).toEqual(['duplicated@agent']);
    }));
});
