// Poison and dead letters in virtual time: the poison is found, its neighbours are stored, and all of it can be replayed.

import { expect, test } from 'vitest';
import { parseConfig } from '../config/parse.ts';
import { replayDeadLetters } from '../replay.ts';
import { FakeFiles, systemError } from '../testing/fake-files.ts';
import { FakeNet } from '../testing/fake-net.ts';
import { message } from '../testing/forward-messages.ts';
import { readLines, readPush } from '../testing/read-push.ts';
import { startAgent } from '../testing/start-agent.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { lineOf } from './dead-letters.ts';

const YAML = 'deadLetters: { path: /dead }';

async function run(poison: ReadonlySet<string>, options: { yaml?: string; lines?: number; files?: FakeFiles } = {}) {
  const stored: string[] = [];
  const world = await startAgent(options.yaml ?? YAML, options.files ?? new FakeFiles(), (push) => {
    const lines = readLines(push.body);
    if (lines.some((line) => poison.has(line))) return { status: 400, body: 'cannot parse this' };
    stored.push(...lines);
    return { status: 204 };
  });
  const sender = world.connect();
  for (let i = 0; i < (options.lines ?? 1000); i++) sender.send(message({ log: `line ${i}`, tag: i % 2 ? 'a' : 'b' }));
  // In small steps: a search for poison is a chain of promises longer than one step lets run.
  for (let i = 0; i < 100; i++) await world.clock.advance(50);
  return { world, stored };
}

const letters = (files: FakeFiles) =>
  files
    .content('/dead/dead-letters.jsonl')
    .toString()
    .trimEnd()
    .split('\n')
    .map((row) => JSON.parse(row));

test('poison among a thousand lines is found; all its neighbours are stored once', async () => {
  const { world, stored } = await run(new Set(['line 17', 'line 618']));
  expect(stored.length).toBe(998);
  expect(new Set(stored).size).toBe(998);
  expect(
    letters(world.files)
      .map((letter) => letter.line)
      .sort(),
  ).toEqual(['line 17', 'line 618']);
  expect(letters(world.files)[0]).toMatchObject({
    output: 'loki',
    reason: 'refused',
    ns: expect.stringMatching(/^\d{19}$/),
  });
  expect(world.metric('dead_letters_total')).toBe(2);
  expect(world.net.pushes.length).toBeLessThan(60);
  expect(world.books()).toEqual({ received: 1000, accounted: 1000 });
});

test('where everything is refused the search ends: pushes stay few, and all is in the file', async () => {
  const all = new Set(Array.from({ length: 3000 }, (_, i) => `line ${i}`));
  const { world } = await run(all, { lines: 3000 });
  expect(world.net.pushes.length).toBeLessThan(200);
  expect(letters(world.files).length).toBe(3000);
  expect(world.books()).toEqual({ received: 3000, accounted: 3000 });
});

test('without dead letters a refused push is not pushed again', async () => {
  const { world } = await run(new Set(['line 1']), { yaml: 'health: {}', lines: 10 });
  expect(world.net.pushes.length).toBe(1);
});

test('bytes that are no text come back as they were', async () => {
  const line = Buffer.from([0xff, 0x00, 0xc3, 0x28]);
  const files = new FakeFiles();
  const world = await startAgent(YAML, files, () => ({ status: 400 }));
  world.connect().send(message({ log: line }));
  await world.clock.advance(2000);
  expect(Buffer.from(lineOf(letters(files)[0]))).toEqual(line);
});

test('the letter of a line over lineMax holds the metadata of the line', async () => {
  const files = new FakeFiles();
  const yaml = `${YAML}\nlineMax: 1KiB\nlineOver: dead-letter\nmetadata: { record: { trace: trace }, json: { user: user } }`;
  const world = await startAgent(yaml, files);
  const log = JSON.stringify({ user: 'ann', text: 'x'.repeat(2000) });
  world.connect().send(message({ log, extra: { trace: 't-1' } }));
  await world.clock.advance(3000);
  expect(letters(files)).toMatchObject([
    { reason: 'line_too_long', line: log, metadata: { trace: 't-1', user: 'ann' } },
  ]);
});

test('the files stay within their bound, and a disk that refuses costs letters, not the agent', async () => {
  const files = new FakeFiles();
  const world = await startAgent('deadLetters: { path: /dead, bytesMax: 64KiB }', files, () => ({ status: 400 }));
  const sender = world.connect();
  for (let i = 0; i < 40; i++) {
    sender.send(message({ log: 'x'.repeat(8000) }));
    await world.clock.advance(1100);
    expect(files.usedBytes).toBeLessThanOrEqual(66 * 1024);
  }
  expect(files.paths).toEqual(['/dead/dead-letters.1.jsonl', '/dead/dead-letters.jsonl']);
  files.fail = () => systemError('EROFS');
  sender.send(message({ log: 'lost' }));
  await world.clock.advance(1100);
  expect(world.metric('dead_letters_lost_total')).toBe(1);
});

test('a bound of attempts, and one of age, ends the retries', async () => {
  for (const bound of ['attemptsMax: 3', 'ageMax: 4s']) {
    const files = new FakeFiles();
    const yaml = `${YAML}\noutputs: [{ type: loki, url: "http://sink", retry: { ${bound} } }]`;
    const world = await startAgent(yaml, files, () => ({ status: 500 }));
    world.connect().send(message());
    await world.clock.advance(30_000);
    expect(letters(files)[0].reason).toBe('retries_exhausted');
    expect(world.agent.metrics()).toContain('reason="retries_exhausted",output="loki"} 1');
    if (bound.startsWith('attempts')) expect(world.net.pushes.length).toBe(3);
  }
});

test('a replay sends every letter with its labels and time, and leaves none; a sink that is down leaves all', async () => {
  const { world } = await run(new Set(['line 3', 'line 4']), { lines: 20 });
  const config = parseConfig(
    `inputs: [{ type: forward, url: "unix:///x" }]\noutputs: [{ type: loki, url: "http://sink" }]\n${YAML}`,
    { name: 'test', env: {} },
  );
  const replay = async (status: number) => {
    const clock = new VirtualClock();
    const net = new FakeNet();
    net.script = () => ({ status });
    const random = { next: () => 0.5, bytes: (count: number) => new Uint8Array(count) };
    const done = replayDeadLetters(config, {
      clock,
      net: net.port,
      random,
      files: world.files,
      processes: world.processes,
      log: { write: () => {} },
      stdout: { write: async () => {} },
    });
    done.catch(() => {});
    await clock.advance(20_000);
    return { summary: await done, entries: net.pushes.flatMap((push) => readPush(push.body)) };
  };
  const before = letters(world.files);
  expect((await replay(503)).summary).toMatchObject({ read: 2, sent: 0, failed: 2 });
  const { summary, entries } = await replay(204);
  expect(summary).toEqual({ read: 2, sent: 2, failed: 0, unreadable: 0 });
  expect(entries.map(({ labels, ns, line }) => [labels, String(ns), line.toString()]).sort()).toEqual(
    before.map(({ labels, ns, line }) => [labels, ns, line]).sort(),
  );
  await expect(replay(204)).rejects.toThrow('there are no dead letters');
});

test('of two outputs only the one without it gets a letter; what fails is a letter once more, and nothing is sent twice', async () => {
  const yaml =
    'outputs: [{ type: loki, name: a, url: "http://a" }, { type: loki, name: b, url: "http://b" }]\ndeadLetters: { path: /dead }';
  const files = new FakeFiles();
  const stored: string[] = [];
  const isPoison = (line: string) => /[37]$/.test(line);
  const world = await startAgent(yaml, files, (push) => {
    const sink = push.url.slice(7, 8);
    const lines = readLines(push.body);
    if (sink === 'b' && lines.some(isPoison)) return { status: 400 };
    stored.push(...lines.map((line) => `${sink} ${line}`));
    return { status: 204 };
  });
  const sender = world.connect();
  const sent = Array.from({ length: 20 }, (_, i) => `line ${i}`);
  for (const log of sent) sender.send(message({ log }));
  for (let i = 0; i < 100; i++) await world.clock.advance(50);
  expect(letters(files).map(({ output, line }) => [output, line])).toHaveLength(4);
  const config = parseConfig(`inputs: [{ type: forward, url: "unix:///x" }]\n${yaml}\nbatch: { entriesMax: 1 }`, {
    name: 'test',
    env: {},
  });
  const replay = async (budget: number) => {
    let left = budget;
    const clock = new VirtualClock();
    const net = new FakeNet();
    net.script = (push) => {
      if (left-- <= 0) return { status: 503 };
      stored.push(...readLines(push.body).map((line) => `${push.url.slice(7, 8)} ${line}`));
      return { status: 204 };
    };
    const random = { next: () => 0.5, bytes: (count: number) => new Uint8Array(count) };
    const { processes } = world;
    const log = { write: () => {} };
    const stdout = { write: async () => {} };
    const done = replayDeadLetters(config, { clock, net: net.port, random, files, processes, log, stdout });
    await clock.advance(30_000);
    return done;
  };
  expect(await replay(3)).toEqual({ read: 4, sent: 3, failed: 1, unreadable: 0 });
  expect(await replay(99)).toEqual({ read: 1, sent: 1, failed: 0, unreadable: 0 });
  expect([...stored].sort()).toEqual(sent.flatMap((line) => [`a ${line}`, `b ${line}`]).sort());
});

test('the pages tell ready from stopping and what waits where', async () => {
  const world = await startAgent('http: { listen: "127.0.0.1:1" }', new FakeFiles(), () => ({ status: 500 }));
  const page = (path: string) => world.net.page?.(path);
  expect(page('/ready')?.status).toBe(200);
  world.connect().send(message());
  await world.clock.advance(3000);
  const [lane] = JSON.parse(page('/debug/buffer')?.body ?? '').outputs;
  expect(lane).toMatchObject({ output: 'loki', type: 'memory', entries: 1, failing: { why: 'status 500' } });
  void world.agent.stop();
  expect(page('/ready')?.status).toBe(503);
  expect(page('/nothing')?.status).toBe(404);
});
