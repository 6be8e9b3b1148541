// Limits that a receiver shows in its answers, in virtual time: kept to, remembered for a bounded time, and no record is
// lost for them. The sink here stores what it does not refuse, as Loki does.

import { expect, test } from 'vitest';
import { FakeFiles } from '../testing/fake-files.ts';
import { message } from '../testing/forward-messages.ts';
import { noise } from '../testing/noise.ts';
import { type PushedEntry, readPush } from '../testing/read-push.ts';
import { startAgent } from '../testing/start-agent.ts';

type World = Awaited<ReturnType<typeof startAgent>>;

/** A sink that refuses lines over `lineMax` and stores the rest; `answers` are the statuses of its answers. */
async function start(yaml: string, lineMax: number) {
  const state = { lineMax, stored: [] as string[], answers: [] as number[] };
  const world = await startAgent(yaml, new FakeFiles(), (push) => {
    const entries = readPush(push.body);
    const long = entries.filter(({ line }) => line.length > state.lineMax);
    state.stored.push(...entries.filter((entry) => !long.includes(entry)).map(({ line }) => line.toString()));
    state.answers.push(long.length > 0 ? 400 : 204);
    return long.length > 0 ? { status: 400, body: tooLong(long, state.lineMax) } : { status: 204 };
  });
  return { world, state };
}

const tooLong = (long: PushedEntry[], lineMax: number) =>
  long
    .map(
      ({ labels, line }) =>
        `max entry size '${lineMax}' bytes exceeded for stream '${labels}' while adding an entry with length '${line.length}' bytes`,
    )
    .join('; ');

const expectClosed = (world: World) => {
  const { received, accounted } = world.books();
  expect(accounted).toBe(received);
  expect(world.metric('records_buffered')).toBe(0);
};

const LINES = ['short', 'x'.repeat(1000), 'y'.repeat(2500), 'end'];

async function send(world: World, lines: readonly string[]): Promise<void> {
  const sender = world.connect();
  for (const log of lines) sender.send(message({ log }));
  await world.clock.advance(5000);
}

test.each([
  ['split', ['short', 'end', 'x'.repeat(1000), 'y'.repeat(1000), 'y'.repeat(1000), 'y'.repeat(500)]],
  ['truncate', ['short', 'end', 'x'.repeat(1000), `${'y'.repeat(989)} [cut here]`]],
])('lines over a limit that only the sink knows are sent again by policy: %s', async (lineOver, expected) => {
  const { world, state } = await start(`lineOver: ${lineOver}\nlineMark: " [cut here]"`, 1000);
  await send(world, LINES);
  expect([...state.stored].sort()).toEqual([...expected].sort());
  expect(state.answers).toEqual([400, 204]);
  expectClosed(world);
});

test('each line that is split is counted, and so is each that is truncated', async () => {
  for (const [lineOver, name] of [
    ['split', 'lines_split_total'],
    ['truncate', 'lines_truncated_total'],
  ]) {
    const { world } = await start(`lineOver: ${lineOver}`, 1000);
    await send(world, [...LINES, 'z'.repeat(5000)]);
    expect([name, world.metric(name as string)]).toEqual([name, 2]);
  }
});

test('with dead-letter they become dead letters, and their neighbours are stored once', async () => {
  const { world, state } = await start('lineOver: dead-letter\ndeadLetters: { path: /dead }', 1000);
  await send(world, LINES);
  expect(state.stored).toEqual(['short', 'x'.repeat(1000), 'end']);
  const letter = JSON.parse(world.files.content('/dead/dead-letters.jsonl').toString());
  expect([letter.reason, letter.line]).toEqual(['line_too_long', 'y'.repeat(2500)]);
  expectClosed(world);
});

test('the limit of lines is kept to without being told again, for limitsKept; then what the config says is tried', async () => {
  const { world, state } = await start('outputs: [{ type: loki, url: "http://sink", limitsKept: 60s }]', 1000);
  await send(world, LINES);
  await send(world, LINES);
  expect(state.answers).toEqual([400, 204, 204]);
  state.lineMax = 262_144;
  await world.clock.advance(60_000);
  await send(world, ['z'.repeat(5000)]);
  expect(state.stored.at(-1)).toBe('z'.repeat(5000));
  expectClosed(world);
});

test('with two outputs the limit of one does not cut the lines of the other; the books of both close', async () => {
  const stored = { a: [] as string[], b: [] as string[] };
  const answers: string[] = [];
  const yaml = 'outputs: [{ type: loki, name: a, url: "http://a" }, { type: loki, name: b, url: "http://b" }]';
  const world = await startAgent(yaml, new FakeFiles(), (push) => {
    const entries = readPush(push.body);
    const isA = push.url.startsWith('http://a');
    const long = isA ? entries.filter(({ line }) => line.length > 1000) : [];
    for (const entry of entries) if (!long.includes(entry)) stored[isA ? 'a' : 'b'].push(entry.line.toString());
    if (isA) answers.push(long.length > 0 ? 'no' : 'yes');
    return long.length > 0 ? { status: 400, body: tooLong(long, 1000) } : { status: 204 };
  });
  for (let i = 0; i < 3; i++) await send(world, LINES);
  expect(stored.b).toEqual([...LINES, ...LINES, ...LINES]);
  expect(stored.a.join('').length).toBe(stored.b.join('').length);
  expect(answers.filter((answer) => answer === 'no').length).toBe(1);
  const sum = (name: string, output: string) => world.metric(name, `output="${output}"`);
  expect(sum('records_sent_total', 'a')).toBe(12 + sum('records_split_total', 'a'));
  expect(sum('records_sent_total', 'b')).toBe(12);
});

test('a backlog that was sealed before the limit of a push was known is cut before it is pushed', async () => {
  let limit = 0;
  const sizes: number[] = [];
  const world = await startAgent('', new FakeFiles(), (push) => {
    if (limit === 0) return { status: 503 };
    const size = readPush(push.body).reduce((sum, { line }) => sum + line.length + 24, 0);
    sizes.push(size);
    const body = `grpc: received message larger than max (${size} vs. ${limit})`;
    return size > limit ? { status: 500, body } : { status: 204 };
  });
  const sender = world.connect();
  for (let i = 0; i < 2000; i++) sender.send(message({ log: `${i}:`.padEnd(1000, 'x') }));
  await world.clock.advance(5000);
  limit = 200_000;
  await world.clock.advance(60_000);
  expect(sizes.filter((size) => size > limit).length).toBe(1);
  expectClosed(world);
});

test('413 without a number teaches that half may do; a proxy that is gone is forgotten', async () => {
  let limit = 300_000;
  let refused = 0;
  const sizes: number[] = [];
  const world = await startAgent('', new FakeFiles(), (push) => {
    const size = readPush(push.body).reduce((sum, { line }) => sum + line.length, 0);
    sizes.push(size);
    if (size <= limit) return { status: 204 };
    refused++;
    return { status: 413 };
  });
  const flood = async () => {
    const sender = world.connect();
    for (let i = 0; i < 3000; i++) sender.send(message({ log: 'x'.repeat(1000) }));
    await world.clock.advance(30_000);
  };
  await flood();
  expect(refused).toBeLessThan(4);
  const before = refused;
  await flood();
  expect(refused).toBe(before);
  limit = Number.POSITIVE_INFINITY;
  await world.clock.advance(600_000);
  await flood();
  expect(Math.max(...sizes.slice(-4))).toBeGreaterThan(900_000);
  expectClosed(world);
});

test('one line that is too large alone is cut by policy, not dropped', async () => {
  const stored: string[] = [];
  const world = await startAgent('', new FakeFiles(), (push) => {
    if (push.body.length > 20_000) return { status: 413 };
    stored.push(...readPush(push.body).map(({ line }) => line.toString('latin1')));
    return { status: 204 };
  });
  const line = noise(100_000, 1);
  world.connect().send(message({ log: line }));
  await world.clock.advance(30_000);
  expect(stored.join('')).toBe(line.toString('latin1'));
  expectClosed(world);
});

test.each([
  ['all streams', 'ingestion rate limit exceeded for user fake (limit: 100000 bytes/sec) while attempting', 100_000],
  [
    'one stream',
    'Per stream rate limit exceeded (limit: 100KB/sec) while attempting to ingest for stream \'{app="video", instance="host-1", service="peertube", tag="video.peertube"}\' totaling 1MB',
    102_400,
  ],
])('the rate that a 429 names for %s is kept to, for limitsKept', async (_, body, rate) => {
  const accepted: { atMs: number; bytes: number }[] = [];
  const yaml =
    'outputs: [{ type: loki, url: "http://sink", limitsKept: 60s }]\nbatch: { decodedMax: 64KiB }\nlineMax: 32KiB';
  const world: World = await startAgent(yaml, new FakeFiles(), (push, n) => {
    if (n === 0) return { status: 429, body };
    accepted.push({
      atMs: world.clock.nowMs(),
      bytes: readPush(push.body).reduce((sum, { line }) => sum + line.length, 0),
    });
    return { status: 204 };
  });
  const flood = () => {
    const sender = world.connect();
    for (let i = 0; i < 3000; i++) sender.send(message({ log: 'x'.repeat(1000) }));
  };
  flood();
  await world.clock.advance(59_000);
  const within = accepted.filter(({ atMs }) => atMs >= 5000 && atMs < 25_000);
  const perSecond = within.reduce((sum, { bytes }) => sum + bytes, 0) / 20;
  expect(perSecond).toBeLessThanOrEqual(rate);
  expect(perSecond).toBeGreaterThan(rate * 0.7);
  await world.clock.advance(60_000);
  const fromMs = world.clock.nowMs();
  flood();
  await world.clock.advance(2000);
  expect(accepted.filter(({ atMs }) => atMs >= fromMs).length).toBeGreaterThan(40);
  expectClosed(world);
});
