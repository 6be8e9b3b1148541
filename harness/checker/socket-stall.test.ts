// Does the pipeline hold up the apps? Freezes and spikes by histories that must be rejected with them and nothing else,
// then legal ones.

import { describe, expect, it } from 'vitest';
import { atMs, journey } from '../testing/journey.ts';
import {
  calmMachine,
  loadProbe,
  logger,
  type MadeRun,
  type Moment,
  openWrite,
  processState,
} from './testing/check-history.ts';
import { check, heldUp, quiet, sending, steady } from './testing/held-up-lines.ts';

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
