import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LINE_KINDS } from '../model/line-record.ts';
import type { DriverSpec } from '../model/scenario.ts';
import { startTestLogger, type TestLogger, testLine } from './testing/test-logger.ts';

type Step =
  | { do: 'write'; lengths: number[]; stream: number }
  | { do: 'freeze' | 'thaw' | 'die' | 'return' }
  | { do: 'wait'; ms: number };

const length = fc.oneof(
  { weight: 9, arbitrary: fc.integer({ min: 40, max: 300 }) },
  fc.constantFrom(16_383, 16_384, 40_000),
);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant('write' as const),
    lengths: fc.array(length, { minLength: 1, maxLength: 60 }),
    stream: fc.integer({ min: 0, max: 1 }),
  }),
  fc.constantFrom<Step>({ do: 'freeze' }, { do: 'thaw' }, { do: 'die' }, { do: 'return' }),
  fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 40_000 }) }),
);

const MODES: [string, Partial<DriverSpec>][] = [
  ['20.10 sync', {}],
  ['20.10 sync with few retries', { options: { 'fluentd-max-retries': '2' } }],
  ['20.10 async', { async: true, bufferLimit: 30 }],
  ['20.10 ring', { mode: 'non-blocking', options: { 'max-buffer-size': '20k' } }],
  ['20.10 ring and async', { mode: 'non-blocking', async: true, bufferLimit: 30 }],
  [
    '28 async with timeouts',
    {
      ...{ docker: '28', async: true, bufferLimit: 30 },
      options: { 'fluentd-write-timeout': '2s', 'fluentd-async-reconnect-interval': '1s' },
    },
  ],
  [
    '28 sync with a timeout and few retries',
    { docker: '28', options: { 'fluentd-write-timeout': '1s', 'fluentd-max-retries': '2' } },
  ],
  ['18.09', { docker: '18.09', bufferLimit: 60_000 }],
  ['18.09 ring', { docker: '18.09', mode: 'non-blocking', bufferLimit: 60_000, options: { 'max-buffer-size': '20k' } }],
];

/** Plays the steps; returns how many lines were written, numbered from 0. */
function play(test: TestLogger, steps: Step[]): { written: number } {
  let seq = 0;
  for (const one of steps) {
    if (one.do === 'write') {
      for (const bytes of one.lengths) {
        // Well before the stages are full, so that no line is cut by the app's own pipe.
        if (test.logger.streams[one.stream]!.held > 900_000) break;
        test.write(`${testLine(seq++, bytes)}\n`, one.stream);
      }
    } else if (one.do === 'wait') test.time.advance(one.ms);
    else if (one.do === 'freeze') test.agent.freeze();
    else if (one.do === 'thaw') test.agent.thaw();
    else if (one.do === 'die') test.agent.die();
    else test.agent.listening = true;
  }
  return { written: seq };
}

describe('a logger', () => {
  it.each(MODES)('puts every line it read into exactly one of sent, dropped and held: %s', async (_, spec) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 25 }),
        fc.constantFrom('end', 'restart', 'cut'),
        async (steps, last) => {
          const test = await startTestLogger(spec);
          const { written } = play(test, steps);
          if (last === 'restart') void test.logger.restart();
          if (last === 'cut') test.logger.cutPipes();
          for (const stream of test.logger.streams) stream.end();
          const heldLines = test.logger.recordHeld();
          const outcomes = new Map<number, number[]>();
          for (const { seq, kind } of test.records) outcomes.set(seq, [...(outcomes.get(seq) ?? []), kind]);
          expect([...outcomes.values()].filter((kinds) => kinds.length !== 1)).toEqual([]);
          // A restart or a cut may part a line: the part without the id is no line of its own in the records.
          expect(outcomes.size).toBe(written);
          if (last === 'end')
            expect(test.records.filter(({ kind }) => kind === LINE_KINDS.held)).toHaveLength(heldLines);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('tells of a long line once, when its last piece is sent', async () => {
    const { write, records } = await startTestLogger();
    write(testLine(7, 40_000).slice(0, 20_000));
    expect(records).toEqual([]);
    write(`${testLine(7, 40_000).slice(20_000)}\n`);
    expect(records.map(({ kind, seq, bytes }) => [kind, seq, bytes])).toEqual([[LINE_KINDS.driverSent, 7, 40_000]]);
  });

  it('finds an id that lies across two pieces and two reads', async () => {
    const { write, records } = await startTestLogger();
    const id = testLine(3, 60).slice(0, 40);
    const text = `${'a'.repeat(16_384 - 20)}${id}${'b'.repeat(100)}\n`;
    write(text.slice(0, 16_384));
    write(text.slice(16_384));
    expect(records.map(({ kind, seq }) => [kind, seq])).toEqual([[LINE_KINDS.driverSent, 3]]);
  });

  it('counts a long line as dropped when one of its pieces is', async () => {
    const { write, agent, records, time } = await startTestLogger({ async: true, bufferLimit: 2 });
    write(`${testLine(0)}\n`);
    time.advance(0);
    agent.freeze();
    write(Array.from({ length: 180 }, (_, seq) => `${testLine(seq + 1)}\n`).join(''));
    const before = records.length;
    write(`${testLine(900, 40_000)}\n`);
    agent.thaw();
    const after = records.slice(before).filter(({ seq }) => seq === 900);
    expect(after.map(({ kind }) => kind)).toEqual([LINE_KINDS.driverDropped]);
  });

  it('does not record canaries and lines of other apps', async () => {
    const { write, records, tally } = await startTestLogger();
    write('lrs1-abcdef-web-c1-50-00000000 canary\nlrs1-abcdef-other-5-50-00000000\nno id\n');
    expect(tally.sentMessages).toBe(3);
    expect(records).toEqual([]);
  });

  it('delivers everything when the agent thaws after a stall of both streams', async () => {
    const test = await startTestLogger();
    test.agent.freeze();
    const { written } = play(test, [
      { do: 'write', lengths: Array.from({ length: 20_000 }, () => 99), stream: 0 },
      { do: 'write', lengths: Array.from({ length: 20_000 }, () => 200), stream: 1 },
    ]);
    test.agent.thaw();
    for (const stream of test.logger.streams) stream.end();
    test.time.advance(100);
    expect(test.logger.drained).toBe(true);
    expect(new Set(test.agent.messages().map(([, , { log }]) => log)).size).toBe(written);
    expect(test.records.every(({ kind }) => kind === LINE_KINDS.driverSent)).toBe(true);
  });

  it('starts again with the daemon, and forgets what that held', async () => {
    const test = await startTestLogger();
    test.agent.freeze();
    test.write(Array.from({ length: 20_000 }, (_, seq) => `${testLine(seq)}\n`).join(''));
    test.agent.die();
    test.agent.listening = true;
    const restarting = test.logger.restart();
    test.time.advance(0);
    expect(await restarting).toBeNull();
    test.write(`\n${testLine(90_000)}\n`);
    test.time.advance(10);
    expect(test.records.filter(({ kind }) => kind === LINE_KINDS.driverDropped).length).toBeGreaterThan(9_000);
    expect(test.records.at(-1)).toMatchObject({ kind: LINE_KINDS.driverSent, seq: 90_000 });
  });

  it('leaves the container without a reader when a sync driver finds no agent after the restart', async () => {
    const test = await startTestLogger();
    test.agent.die();
    const restarting = test.logger.restart();
    test.time.advance(0);
    expect(await restarting).toContain('no such file or directory');
    test.agent.listening = true;
    // The FIFO and one piece in the shim's hands; then the app's own pipe fills and it blocks for good.
    expect(test.write('x'.repeat(200_000))).toBe(65_536 + 32_768);
    test.time.advance(600_000);
    expect(test.logger.streams[0]!.wantsRead).toBe(false);
    expect(test.agent.dials).toHaveLength(2);
  });
});
