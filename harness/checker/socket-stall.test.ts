// Does the pipeline hold up the apps? Each class by a history that must be rejected with it and nothing else, then
// legal ones, then what cannot be known, then standstills planted into long histories.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPrng } from '../core/prng.ts';
import type { LineRecord } from '../model/line-record.ts';
import { atMs, type Journey, journey } from '../testing/journey.ts';
import { socketStall } from './socket-stall.ts';
import {
  calmMachine,
  checkHistory,
  control,
  loadProbe,
  logger,
  type MadeRun,
  type Moment,
  openWrite,
  processState,
} from './testing/check-history.ts';

/** A line each 100 ms that is written at once. */
const steady = (): Journey[] =>
  Array.from({ length: 100 }, (_, seq) =>
    journey(seq, seq * 100)
      .planned()
      .written(),
  );

/** Steady lines, of which the one due at 3 s took `tookMs` and held up those behind it. */
function heldUp(tookMs: number, { open = false } = {}): Journey[] {
  const lines = steady();
  const behind = Math.min(100, 30 + Math.ceil(tookMs / 100));
  for (let seq = 31; seq < behind; seq++) lines[seq] = writtenAt(seq, seq * 100, 3_000 + tookMs);
  lines[30] = journey(30, 3_000).planned().written({ tookMs, open });
  if (open) for (let seq = 31; seq < 100; seq++) lines[seq] = journey(seq, seq * 100).planned();
  return lines;
}

function writtenAt(seq: number, dueMs: number, beginMs: number): Journey {
  const line = journey(seq, dueMs).planned();
  line.records.push({ ...journey(seq, beginMs).written().records[0]! });
  return line;
}

const sending: Partial<Parameters<typeof logger>[1]> = {
  state: 'sending',
  blockedMs: 400,
  heldBytes: 1e6,
  pipeFull: true,
};
const quiet = steady();

function check(run: MadeRun, machine: Moment[] = calmMachine()) {
  return checkHistory(socketStall as never, { ...run, events: [...machine, ...(run.events ?? [])] });
}

describe('socket-stall rejects', () => {
  it('a freeze, where the driver stood in a write that the agent did not read', async () => {
    const { verdict, found, findings, cited, numbers } = await check({
      lines: { web: heldUp(2_500), quiet },
      events: [logger(3_500, sending), logger(4_000, sending)],
    });
    expect({ verdict, found }).toEqual({ verdict: 'invalid', found: ['freeze@driver..agent'] });
    expect(findings[0]).toMatchObject({
      severity: 'critical',
      fromMs: 3_000,
      toMs: 5_500,
      title: expect.stringMatching(/^web froze for 2\.5 s/),
    });
    expect(findings[0]!.numbers).toMatchObject({ longestMs: 2_500, blockedMs: 2_500, stalls: 1 });
    expect(cited(findings[0]!)).toMatchObject([{ kind: 'probe', data: { probe: 'driver-state' } }]);
    expect(numbers).toMatchObject({ 'web.writeMaxMs': 2_500, 'quiet.blockedMs': 0 });
  });

  it.each<[string, Moment[], string]>([
    [
      'the agent was stopped',
      [logger(3_500, sending), processState(2_900, 'agent', 'frozen'), processState(9_000, 'agent', 'thawed')],
      'agent',
    ],
    ['the driver had no connection', [logger(3_500, { state: 'reconnecting', pipeFull: true })], 'driver..agent'],
    ...(['killed', 'exited'] as const).map((end): [string, Moment[], string] => [
      `the agent was gone: ${end}`,
      [logger(3_500, { state: 'reconnecting' }), processState(2_900, 'agent', end)],
      'agent',
    ]),
    [
      'the agent was there again',
      [
        logger(3_500, { state: 'reconnecting' }),
        processState(2_400, 'agent', 'killed'),
        processState(2_900, 'agent', 'ready'),
      ],
      'driver..agent',
    ],
    ['the driver did not read', [logger(3_500, { pipeFull: true })], 'driver'],
    ['nobody can tell', [], 'app..driver'],
  ])('a freeze at the hop that held it up: %s', async (_, events, hop) => {
    expect((await check({ lines: { web: heldUp(2_500), quiet }, events })).found).toEqual([`freeze@${hop}`]);
  });

  it('a write that never came back, published or not', async () => {
    const lines = { web: heldUp(0, { open: true }), quiet };
    for (const events of [[], [openWrite(3_100, { seq: 30, beginMs: 3_000 })]]) {
      const { found, findings, cited } = await check({ lines, events });
      expect(found).toEqual(['freeze@app..driver']);
      expect(findings[0]).toMatchObject({
        fromMs: 3_000,
        toMs: 15_000,
        title: expect.stringMatching(/never came back/),
      });
      expect(cited(findings[0]!).map(({ kind }) => kind)).toEqual(events.map(({ kind }) => kind));
    }
  });

  it('a write that only the publisher saw, because the app died in it', async () => {
    const web = steady().slice(0, 30);
    const events = [openWrite(3_100, { seq: 30, beginMs: 3_000 }), processState(6_000, 'app', 'killed', 'web')];
    const { findings } = await check({ lines: { web, quiet }, events });
    expect(findings).toMatchObject([{ class: 'freeze', fromMs: 3_000, toMs: 6_000 }]);
  });

  it('a standstill made of many writes, each shorter than the limit', async () => {
    const web = Array.from({ length: 20 }, (_, seq) =>
      journey(seq, seq * 160)
        .planned()
        .written({ tookMs: 150 }),
    );
    const { verdict, findings } = await check({ lines: { web } });
    expect(verdict).toBe('invalid');
    expect(findings).toMatchObject([{ class: 'freeze', numbers: { writeMaxMs: 150, longestMs: 3_190 } }]);
  });

  it('a spike over the limit as such, and tells one below it without judging', async () => {
    const lines = { web: heldUp(700), quiet };
    const over = await check({ lines, params: { writeMax: '500ms' } });
    expect(over).toMatchObject({ verdict: 'invalid', found: ['spike@app..driver'] });
    expect(over.findings[0]!.severity).toBe('major');
    const below = await check({ lines });
    expect(below).toMatchObject({ verdict: 'valid', found: ['spike@app..driver'], findings: [{ severity: 'minor' }] });
  });

  it('a spike over a limit that is shorter than what otherwise counts as blocking', async () => {
    const lines = { web: heldUp(60), quiet };
    const calm = calmMachine();
    expect(await check({ lines, params: { writeMax: '50ms' } }, calm)).toMatchObject({
      verdict: 'invalid',
      found: ['spike@app..driver'],
    });
    expect(await check({ lines, params: { writeMax: '70ms' } }, calm)).toMatchObject({ verdict: 'valid', found: [] });
  });

  it('a circular wait: the own output of the agent stuck while an app froze', async () => {
    const stuck = [3_000, 3_500, 4_000, 4_500].map((ms) => logger(ms, { app: '@agent', ...sending }));
    const { found, findings } = await check({ lines: { web: heldUp(2_500), quiet }, events: stuck });
    expect(found).toEqual(['freeze@app..driver', 'circular-wait@driver..agent']);
    expect(findings[1]).toMatchObject({
      severity: 'critical',
      fromMs: 3_000,
      toMs: 4_500,
      numbers: { waitMs: 1_500, frozenApps: 1 },
    });
  });

  it('a circular wait without a frozen app, where the agent was seen in the write', async () => {
    const stuck = [3_000, 3_500, 4_000, 4_500].map((ms) => logger(ms, { app: '@agent', ...sending }));
    const threads = (wchan: string): Moment => ({
      ...{ kind: 'probe', hop: 'agent', atNs: atMs(4_100) },
      data: { probe: 'agent-threads', threads: [{ tid: 1, wchan, syscall: '1' }] },
    });
    const { verdict, found, cited, findings } = await check({
      lines: { quiet },
      events: [...stuck, threads('anon_pipe_write')],
    });
    expect({ verdict, found }).toEqual({ verdict: 'invalid', found: ['circular-wait@driver..agent'] });
    expect(cited(findings[0]!).map(({ data }) => data?.probe)).toEqual(['driver-state', 'agent-threads']);
    expect((await check({ lines: { quiet }, events: [...stuck, threads('ep_poll')] })).found).toEqual([]);
    expect((await check({ lines: { quiet }, events: [...stuck.slice(0, 2), threads('pipe_write')] })).found).toEqual(
      [],
    );
  });

  it('no circular wait while a signal keeps the agent from reading: that is a stopped agent', async () => {
    const stuck = [3_000, 3_500, 4_000, 4_500].map((ms) => logger(ms, { app: '@agent', ...sending }));
    const events = [...stuck, processState(2_900, 'agent', 'frozen'), processState(8_000, 'agent', 'thawed')];
    expect((await check({ lines: { web: heldUp(2_500), quiet }, events })).found).toEqual(['freeze@agent']);
  });

  it('requests without a good answer, unless a freeze that was found explains them', async () => {
    const requests = (ms: number): LineRecord[] =>
      [0, 1, 2, 3].flatMap((seq) => {
        const line = journey(seq, ms + seq * 100).planned();
        return (seq < 2 ? line.answered() : seq === 2 ? line.failed(2_000) : line.notSent()).records;
      });
    const outside = await check({ lines: { api: requests(3_000), quiet } });
    expect(outside).toMatchObject({ verdict: 'invalid', found: ['freeze@app'] });
    expect(outside.findings[0]!.numbers).toMatchObject({ failedRequests: 1, notSentRequests: 1, failedRatio: 0.5 });
    expect((await check({ lines: { api: requests(3_000), quiet }, params: { httpFailedMaxRatio: 0.5 } })).verdict).toBe(
      'valid',
    );
    const explained = await check({ lines: { api: requests(3_000), web: heldUp(2_500) } });
    expect(explained.found).toEqual(['freeze@app..driver']);
    expect((await check({ lines: { api: [journey(0).planned().answered(503)], quiet } })).found).toEqual([
      'freeze@app',
    ]);
  });

  it('a container runtime that does not come back', async () => {
    const hang = (tookMs: number): Moment => ({
      ...{ kind: 'probe', hop: 'driver', atNs: atMs(9_000) },
      data: { probe: 'runtime', command: 'docker stop web', tookMs },
    });
    expect(await check({ lines: { quiet }, events: [hang(40_000)] })).toMatchObject({
      verdict: 'invalid',
      found: ['runtime-hang@driver'],
    });
    expect((await check({ lines: { quiet }, events: [hang(10_200)] })).verdict).toBe('valid');
    expect(
      (await check({ lines: { quiet }, events: [hang(10_200)], params: { runtimeMax: '5s' } })).findings[0]!.numbers,
    ).toEqual({ hangs: 1, tookMaxMs: 10_200 });
  });

  it('a freeze of an app that tells nothing itself, with the bytes that its container let through', async () => {
    const output = (ms: number, bytes: number): Moment => ({
      ...{ kind: 'probe', hop: 'app', app: 'web', atNs: atMs(ms) },
      data: { probe: 'app-output', bytes },
    });
    const open = [3_100, 4_100, 5_100].map((ms) => openWrite(ms, { seq: 0, beginMs: 3_000 }));
    const { findings } = await check({
      lines: { web: [journey(0).planned().answered()], quiet },
      facts: { faults: [{ fault: 'agent-freeze', fromMs: 2_000, toMs: 6_000, evidence: [] }] as never },
      events: [output(1_900, 500), output(2_400, 700_000), output(3_200, 1_200_500), output(6_100, 9e6), ...open],
    });
    expect(findings[0]).toMatchObject({ class: 'freeze', numbers: { bytesFromFaultToBlock: 1_200_000 } });
  });
});

describe('socket-stall of a runtime that was to be watched', () => {
  const runtime = (command: string, tookMs: number, rest: object = {}): Moment => ({
    ...{ kind: 'probe', hop: 'driver', atNs: atMs(9_000) },
    data: { probe: 'runtime', command, tookMs, answered: true, when: 'holding', ...rest },
  });

  it('is unknown when it was never asked during the run', async () => {
    const params = { runtimeMax: '5s' };
    expect((await check({ lines: { quiet }, params })).verdict).toBe('unknown');
    const swept = runtime('rm', 100, { when: 'tear-down' });
    expect((await check({ lines: { quiet }, params, events: [swept] })).verdict).toBe('unknown');
    const { verdict, numbers } = await check({ lines: { quiet }, params, events: [runtime('ps', 30)] });
    expect({ verdict, psMaxMs: numbers['runtime.psMaxMs'] }).toEqual({ verdict: 'valid', psMaxMs: 30 });
  });

  it('names each command that hung, and that only a rescue ended it', async () => {
    const events = [runtime('stop', 40_000), runtime('inspect', 39_000), runtime('rm', 20_000, { rescued: true })];
    const [finding] = (await check({ lines: { quiet }, events })).findings;
    expect(finding!.title).toContain(
      '`stop`, `inspect`, `rm` for up to 40.0 s, and only a listener in place of the agent',
    );
  });
});

describe('socket-stall stays clean', () => {
  it('when every write comes back at once, whatever the driver holds', async () => {
    const held = logger(4_000, { ...sending, pipeFull: false });
    expect(await check({ lines: { web: steady(), quiet }, events: [held] })).toMatchObject({
      verdict: 'valid',
      found: [],
      reasons: [],
    });
  });

  it.each<[string, MadeRun]>([
    ['by the plan', { plan: ({ scenario }) => Object.assign(scenario.topology.apps.web!, { writes: 'queued' }) }],
    ['by its open writes', { events: [openWrite(3_100, { seq: 30, beginMs: 3_000, queued: true, waitingLines: 9 })] }],
  ])('when a writer that queues is held up: queued %s', async (_, rest) => {
    const result = await check({ lines: { web: heldUp(5_000), quiet }, ...rest });
    expect(result).toMatchObject({ verdict: 'valid', found: [] });
    expect(result.numbers).toMatchObject({ 'web.blockedMs': 0, 'web.writeMaxMs': 5_000 });
    expect(result.numbers.writeMaxMs).toBeCloseTo(0.1, 6);
    expect(result.numbers['web.waitingLinesMax']).toBe(rest.events ? 9 : 0);
  });

  it('when an app that does not tell of its writes is read all the time', async () => {
    const silent = Array.from({ length: 50 }, (_, seq) =>
      journey(seq, seq * 100)
        .planned()
        .read(),
    );
    expect(await check({ lines: { silent } })).toMatchObject({ verdict: 'valid', found: [] });
    const full = [3_000, 3_500, 4_000, 4_500].map((ms) => logger(ms, { app: 'silent', ...sending }));
    expect((await check({ lines: { silent }, events: full })).found).toEqual(['freeze@driver..agent']);
  });

  it('when the generator is late because nobody answers', async () => {
    const run = { lines: { web: heldUp(4_000), quiet }, events: [loadProbe(4_500, 1_400)] };
    expect((await check(run)).found).toEqual(['freeze@app..driver']);
    const { reasons } = await check(run);
    expect(reasons.some((reason) => reason.includes('load generator'))).toBe(false);
  });
});

describe('socket-stall does not know', () => {
  it('when the control emitter stood still as well, for half as long or more', async () => {
    const lines = { web: heldUp(2_000), quiet };
    const machine = (worstMs: number) => [
      ...calmMachine().filter(({ atNs }) => atNs !== atMs(5_000)),
      control(5_000, 0, worstMs),
    ];
    const noisy = await check({ lines }, machine(1_000));
    expect(noisy).toMatchObject({
      verdict: 'unknown',
      found: [],
      reasons: [expect.stringMatching(/the machine, not the pipeline/)],
    });
    expect((await check({ lines }, machine(999))).verdict).toBe('invalid');
  });

  it('when no control emitter was seen in the time of a standstill', async () => {
    const lines = { web: heldUp(2_000), quiet };
    for (const machine of [[], [control(1_000), control(9_000)]])
      expect(await check({ lines }, machine)).toMatchObject({
        verdict: 'unknown',
        found: [],
        reasons: [expect.stringMatching(/no control emitter/)],
      });
  });

  it('when requests failed while the machine stood still', async () => {
    const api = [journey(0, 3_000).planned().failed(2_000)];
    expect(await check({ lines: { api, quiet } }, [control(4_000, 1_500)])).toMatchObject({
      verdict: 'unknown',
      reasons: [expect.stringMatching(/1 requests to api had no good answer, but/)],
    });
  });

  it('when requests failed though every write is on record and none was slow', async () => {
    const api = [journey(0, 3_000).planned().written().failed(2_000)];
    expect(await check({ lines: { api, quiet } })).toMatchObject({
      verdict: 'unknown',
      found: [],
      reasons: [expect.stringMatching(/no app stood in a write meanwhile/)],
    });
    const slow = [journey(0, 4_000).planned().written({ tookMs: 150 })];
    expect((await check({ lines: { api, quiet, slow } })).found).toEqual(['freeze@app']);
    const ended = processState(3_500, 'app', 'exited', 'media');
    expect((await check({ lines: { api, quiet }, events: [ended] })).found).toEqual(['freeze@app']);
  });

  it('when requests failed because the app was stopped after load', async () => {
    const cut = [journey(0, 3_000).planned().written().failed(600_000)];
    const stopped = processState(500_000, 'app', 'exited', 'api');
    expect(await check({ lines: { api: cut, quiet }, events: [stopped] })).toMatchObject({
      verdict: 'unknown',
      found: [],
      reasons: [expect.stringMatching(/no app stood in a write meanwhile/)],
    });
  });

  it('when the generator was late while its target answered', async () => {
    const api = Array.from({ length: 50 }, (_, seq) =>
      journey(seq, seq * 100)
        .planned()
        .answered(),
    );
    for (const probe of [loadProbe(3_000, 800), loadProbe(3_000, 1, 800)])
      expect(await check({ lines: { api }, events: [probe] })).toMatchObject({
        verdict: 'unknown',
        reasons: [expect.stringMatching(/load generator itself was up to 800 ms late/)],
      });
    expect((await check({ lines: { api }, events: [loadProbe(3_000, 400)] })).verdict).toBe('valid');
  });

  it('when lines were written late though no write held them up', async () => {
    const late = Array.from({ length: 50 }, (_, seq) => writtenAt(seq, seq * 10, seq * 10 + 900));
    expect(await check({ lines: { late } })).toMatchObject({
      verdict: 'unknown',
      reasons: [expect.stringMatching(/too busy to measure/)],
    });
  });

  it('after an empty run', async () => {
    for (const lines of [{}, { web: [] }])
      expect(await check({ lines })).toMatchObject({
        verdict: 'unknown',
        reasons: ['Nothing was due, so nothing could stand still.'],
      });
  });

  it('when nothing was seen of an app whose lines were due, whatever was seen of others', async () => {
    const web = [0, 1, 2].map((seq) => journey(seq).planned());
    for (const lines of [{ web }, { web, quiet }])
      expect(await check({ lines })).toMatchObject({
        verdict: 'unknown',
        reasons: [expect.stringMatching(/^web reported no write/)],
      });
  });
});

interface Plan {
  seed: number;
  length: number;
  place: number;
  tookMs: number;
}

/** How many lines; each makes two events. */
interface Size {
  min: number;
  max: number;
}

const plans = (minMs: number, maxMs: number, { min, max }: Size) =>
  fc.record<Plan>({
    seed: fc.nat(),
    length: fc.integer({ min, max }),
    place: fc.double({ min: 0, max: 0.9, noNaN: true }),
    tookMs: fc.integer({ min: minMs, max: maxMs }),
  });

const STEP_MS = 8;

/** Writes of up to 7 ms every 8 ms, now and then one of 90 ms; `plant` makes one of them longer. */
function makeLines({ seed, length }: Plan, plant?: { seq: number; tookMs: number }): Journey[] {
  const random = createPrng(seed);
  let freeMs = 0;
  return Array.from({ length }, (_, seq) => {
    const dueMs = seq * STEP_MS;
    const beginMs = Math.max(dueMs, freeMs);
    const usualMs = random.next() < 0.002 ? 90 : random.next() * 7;
    const tookMs = plant?.seq === seq ? plant.tookMs : usualMs;
    freeMs = beginMs + tookMs;
    const line = journey(seq, dueMs).planned();
    line.records.push({ ...journey(seq, beginMs).written({ tookMs }).records[0]! });
    return line;
  });
}

describe.each<[string, Size, number]>([
  ['thousands of lines', { min: 2_000, max: 20_000 }, 5],
  ['100,000 events', { min: 50_000, max: 52_000 }, 1],
])('among %s', (_, size, numRuns) => {
  const untilMs = ({ length }: Plan): number => length * STEP_MS + 10_000;
  const makeRun = (plan: Plan, plant?: { seq: number; tookMs: number }): MadeRun => ({
    lines: { web: makeLines(plan, plant) },
    loadEndMs: plan.length * STEP_MS,
    endMs: untilMs(plan),
  });

  it('nothing is found where all is legal', async () => {
    await fc.assert(
      fc.asyncProperty(plans(0, 1, size), async (plan) => {
        expect(await check(makeRun(plan), calmMachine(untilMs(plan)))).toMatchObject({ verdict: 'valid', found: [] });
      }),
      { numRuns },
    );
  });

  it.each([
    ['freeze', 1_000, 5_000],
    ['spike', 500, 990],
  ])('one %s at a random place is found there, and nothing else', async (name, minMs, maxMs) => {
    await fc.assert(
      fc.asyncProperty(plans(minMs, maxMs, size), async (plan) => {
        const seq = Math.floor(plan.place * plan.length);
        const { found, findings } = await check(
          makeRun(plan, { seq, tookMs: plan.tookMs }),
          calmMachine(untilMs(plan)),
        );
        // A standstill in blocked time may join a write of 90 ms next to it, never one far away.
        expect(found).toEqual([`${name}@app..driver`]);
        expect(Math.abs(findings[0]!.fromMs - seq * STEP_MS)).toBeLessThan(400);
        expect(findings[0]!.numbers.longestMs!).toBeGreaterThanOrEqual(plan.tookMs - 0.001);
      }),
      { numRuns },
    );
  });

  it('a freeze at a random place is not known where the control stood still with it', async () => {
    await fc.assert(
      fc.asyncProperty(plans(1_000, 5_000, size), async (plan) => {
        const seq = Math.floor(plan.place * plan.length);
        const noise = control(seq * STEP_MS + plan.tookMs, plan.tookMs * 0.6);
        const { verdict, found } = await check(makeRun(plan, { seq, tookMs: plan.tookMs }), [
          ...calmMachine(untilMs(plan)),
          noise,
        ]);
        expect({ verdict, found }).toEqual({ verdict: 'unknown', found: [] });
      }),
      { numRuns },
    );
  });

  it('a circular wait at a random moment is found there, and nothing else', async () => {
    await fc.assert(
      fc.asyncProperty(plans(1_000, 5_000, size), async (plan) => {
        const fromMs = Math.floor(plan.place * plan.length * STEP_MS);
        const stuck = Array.from({ length: 4 }, (_, index) =>
          logger(fromMs + index * 500, { app: '@agent', ...sending }),
        );
        const threads: Moment = {
          ...{ kind: 'probe', hop: 'agent', atNs: atMs(fromMs + 700) },
          data: { probe: 'agent-threads', threads: [{ tid: 1, wchan: 'pipe_write', syscall: '1' }] },
        };
        const { found, findings } = await check(
          { ...makeRun(plan), events: [...stuck, threads] },
          calmMachine(untilMs(plan)),
        );
        expect(found).toEqual(['circular-wait@driver..agent']);
        expect(findings[0]!.fromMs).toBeCloseTo(fromMs, 3);
      }),
      { numRuns },
    );
  });

  it('a container runtime that hangs at a random moment is found there, and nothing else', async () => {
    await fc.assert(
      fc.asyncProperty(plans(15_001, 90_000, size), async (plan) => {
        const fromMs = Math.floor(plan.place * plan.length * STEP_MS);
        const came = (ms: number, tookMs: number): Moment => ({
          ...{ kind: 'probe', hop: 'driver', atNs: atMs(ms) },
          data: { probe: 'runtime', command: 'docker inspect web', tookMs },
        });
        const prompt = Array.from({ length: Math.floor((plan.length * STEP_MS) / 5_000) }, (_one, index) =>
          came(index * 5_000, 40 + (index % 10) * 1_000),
        );
        const run = { ...makeRun(plan), events: [...prompt, came(fromMs + plan.tookMs, plan.tookMs)] };
        const { verdict, found, findings } = await check(run, calmMachine(untilMs(plan)));
        expect({ verdict, found }).toEqual({ verdict: 'invalid', found: ['runtime-hang@driver'] });
        expect(findings[0]!.fromMs).toBeCloseTo(fromMs, 3);
        expect(findings[0]!.numbers).toEqual({ hangs: 1, tookMaxMs: plan.tookMs });
      }),
      { numRuns },
    );
  });
});
