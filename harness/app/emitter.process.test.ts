import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { expect, test } from 'vitest';
import { nowNs, sleep } from '../core/real-clock.ts';
import type { EmittedEvent } from '../model/event.ts';
import { createLineIdScanner } from '../model/line-id.ts';
import { HOPS, LINE_KINDS } from '../model/line-record.ts';
import { createLineWriter } from '../model/line-writer.ts';
import { until } from '../testing/until.ts';
import type { AppPartConfig } from './part.ts';
import { decodeRecords, makeFifo, makeFolder, startPart } from './testing/start-part.ts';

function planLines(
  file: string,
  { count, perSecond, bytes }: { count: number; perSecond: number; bytes: number },
): void {
  const writer = createLineWriter(file);
  for (let seq = 0; seq < count; seq++)
    writer.append(LINE_KINDS.planned, HOPS.indexOf('app'), 0, seq, 0, (seq * 1_000) / perSecond, bytes, 0);
  writer.close();
}

function emitterConfig(
  folder: string,
  changes: { writes?: 'blocking' | 'queued'; shape?: string; shapeModule?: string } = {},
): AppPartConfig {
  const { writes = 'blocking', shape = 'plain', ...others } = changes;
  return {
    app: { name: 'quiet', type: 'emitter', backend: null, shape, writes, with: {} },
    run: 'abc123',
    seed: 1,
    linesFile: join(folder, 'quiet.bin'),
    eventsFile: join(folder, 'quiet.events'),
    shape,
    listenPort: null,
    backendUrl: null,
    backendApp: null,
    ...others,
  };
}

function readEvents(file: string): EmittedEvent[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as EmittedEvent);
}

const written = (folder: string) =>
  decodeRecords(readFileSync(join(folder, 'quiet.bin'))).filter(({ kind }) => kind === LINE_KINDS.written);

test.each(['blocking', 'queued'] as const)(
  'a %s emitter writes each planned line once, in order, on time, and records what the pipe got',
  async (writes) => {
    using folder = makeFolder();
    using fifo = makeFifo(folder.path, 'out');
    const chunks: Buffer[] = [];
    fifo.read((chunk) => chunks.push(chunk));
    const config = emitterConfig(folder.path, { writes });
    planLines(config.linesFile, { count: 1_000, perSecond: 1_000, bytes: 300 });
    await using part = await startPart('app/emitter.js', config, { stdout: fifo.writeEnd });
    const loadStartNs = nowNs();
    await part.call('load-start', { loadStartNs });
    await until('all lines were read', () => Buffer.concat(chunks).length >= 301_000, 5_000);
    expect(await part.call('stop', { withinMs: 1_000 })).toEqual({ writtenLines: 1_000, waitingLines: 0 });

    const lines = Buffer.concat(chunks).toString().trimEnd().split('\n');
    const records = written(folder.path).filter(({ value }) => value > 0);
    expect(lines.length).toBe(1_000);
    expect(records.map(({ seq }) => seq)).toEqual(lines.map((_, seq) => seq));
    const scanner = createLineIdScanner('abc123', ['quiet']);
    for (const [seq, line] of lines.entries()) {
      scanner.scan(Buffer.from(line), (found) => expect(found).toMatchObject({ seq, appIndex: 0, bytes: 300 }));
      expect(records[seq]).toMatchObject({ bytes: 300, crc: crc32(line), detail: line.indexOf('lrs1-') });
      expect(records[seq]!.atNs).toBeGreaterThanOrEqual(loadStartNs + seq * 1e6);
    }
    const lateMs = records.map(({ seq, atNs }) => (atNs - loadStartNs) / 1e6 - seq).sort((a, b) => a - b);
    expect(lateMs[500]).toBeLessThan(20);
  },
);

test('a write into a pipe that nobody reads is published while it is open, and stop is answered all the same', async () => {
  using folder = makeFolder();
  using fifo = makeFifo(folder.path, 'out');
  const config = emitterConfig(folder.path);
  planLines(config.linesFile, { count: 200, perSecond: 10_000, bytes: 1_000 });
  await using part = await startPart('app/emitter.js', config, { stdout: fifo.writeEnd });
  const loadStartNs = nowNs();
  await part.call('load-start', { loadStartNs });
  await until('the open write is an event', () => readEvents(config.eventsFile).length > 0, 1_000);
  const [open] = readEvents(config.eventsFile);
  expect(open).toMatchObject({ kind: 'write-begin', app: 'quiet', data: { queued: false } });
  const data = open!.data as { seq: number; beginNs: number; ageMs: number };
  // 64 KiB of pipe take 64 or 65 lines of 1,001 bytes (kernels fill pages differently); the next one blocks.
  expect(data.seq).toBeGreaterThanOrEqual(64);
  expect(data.seq).toBeLessThanOrEqual(65);
  expect(data.ageMs).toBeGreaterThanOrEqual(100);
  expect((open!.atNs! - data.beginNs) / 1e6).toBeLessThan(300);
  expect(
    written(folder.path)
      .filter(({ value }) => value === 0)
      .map(({ seq }) => seq),
  ).toEqual([data.seq]);

  const askedNs = nowNs();
  expect(await part.call('stop', { withinMs: 200 })).toEqual({ writtenLines: data.seq, waitingLines: 200 - data.seq });
  expect((nowNs() - askedNs) / 1e6).toBeLessThan(600);

  // The reader comes back: the open write ends, and nothing is begun any more.
  fifo.read(() => undefined);
  await until(
    'the end is an event',
    () => readEvents(config.eventsFile).some(({ kind }) => kind === 'write-end'),
    1_000,
  );
  const end = readEvents(config.eventsFile).find(({ kind }) => kind === 'write-end')!;
  expect(end.data).toMatchObject({ seq: data.seq, beginNs: data.beginNs });
  expect(written(folder.path).filter(({ value }) => value > 0).length).toBe(data.seq + 1);
});

test('lines that a stall made late are all written when the pipe is read again', async () => {
  using folder = makeFolder();
  using fifo = makeFifo(folder.path, 'out');
  const config = emitterConfig(folder.path, { shape: 'peertube-2019' });
  planLines(config.linesFile, { count: 1_000, perSecond: 5_000, bytes: 0 });
  await using part = await startPart('app/emitter.js', config, { stdout: fifo.writeEnd });
  await part.call('load-start', { loadStartNs: nowNs() });
  await sleep(400);
  let newlines = 0;
  fifo.read((chunk) => {
    newlines += chunk.filter((byte) => byte === 0x0a).length;
  });
  expect(await part.call('stop', { withinMs: 2_000 })).toEqual({ writtenLines: 1_000, waitingLines: 0 });
  await until('a line and an empty line each', () => newlines === 2_000, 1_000);
  const anonymous = decodeRecords(readFileSync(config.linesFile)).filter(({ kind }) => kind === LINE_KINDS.anonymous);
  expect(anonymous.map(({ seq, bytes, crc }) => [seq, bytes, crc])).toEqual(
    Array.from({ length: 1_000 }, (_, seq) => [seq, 0, 0]),
  );
});

test('a queueing emitter goes on behind a stalled pipe and its waiting lines are recorded as open', async () => {
  using folder = makeFolder();
  using fifo = makeFifo(folder.path, 'out');
  const config = emitterConfig(folder.path, { writes: 'queued' });
  planLines(config.linesFile, { count: 500, perSecond: 2_000, bytes: 1_000 });
  await using part = await startPart('app/emitter.js', config, { stdout: fifo.writeEnd });
  await part.call('load-start', { loadStartNs: nowNs() });
  await sleep(700);
  const { writtenLines, waitingLines } = await part.call('stop', { withinMs: 100 });
  expect(Number(writtenLines) + Number(waitingLines)).toBe(500);
  expect(waitingLines).toBeGreaterThan(400);
  const openSeqs = written(folder.path)
    .filter(({ value }) => value === 0)
    .map(({ seq }) => seq);
  expect(openSeqs).toEqual(Array.from({ length: Number(waitingLines) }, (_, index) => Number(writtenLines) + index));
  const events = readEvents(config.eventsFile);
  expect(events.at(-1)).toMatchObject({ kind: 'write-begin', data: { queued: true, seq: writtenLines } });
  expect((events.at(-1)!.data as { waitingLines: number }).waitingLines).toBeGreaterThan(400);
});

test('an app ends at once with the harness, even while its write is blocked', async () => {
  using folder = makeFolder();
  using fifo = makeFifo(folder.path, 'out');
  const config = emitterConfig(folder.path);
  planLines(config.linesFile, { count: 200, perSecond: 10_000, bytes: 1_000 });
  await using part = await startPart('app/emitter.js', config, { stdout: fifo.writeEnd });
  await part.call('load-start', { loadStartNs: nowNs() });
  await until('it is blocked', () => readEvents(config.eventsFile).length > 0, 1_000);
  part.child.disconnect();
  const ended = await Promise.race([part.exited.then(() => true), sleep(1_000).then(() => false)]);
  expect(ended).toBe(true);
});

test('an app whose reader is gone says so and ends', async () => {
  using folder = makeFolder();
  const fifo = makeFifo(folder.path, 'out');
  const config = emitterConfig(folder.path);
  planLines(config.linesFile, { count: 10, perSecond: 10, bytes: 100 });
  await using part = await startPart('app/emitter.js', config, { stdout: fifo.writeEnd });
  fifo[Symbol.dispose]();
  await part.call('load-start', { loadStartNs: nowNs() });
  await part.exited;
  expect(part.events.find(({ kind }) => kind === 'harness')?.data?.error).toContain('EPIPE');
});

test('a shape of a plugin is used by its name', async () => {
  using folder = makeFolder();
  using fifo = makeFifo(folder.path, 'out');
  const shapeModule = join(folder.path, 'plugin.mjs');
  appendFileSync(
    shapeModule,
    "export default (larsen) => [larsen.defineShape({ name: 'shout', line: ({ id, seq }) => Buffer.from(['HEY', seq, id + '!'].join(' ')) })];",
  );
  let text = '';
  fifo.read((chunk) => {
    text += chunk.toString();
  });
  const config = emitterConfig(folder.path, { shape: 'shout', shapeModule });
  planLines(config.linesFile, { count: 3, perSecond: 100, bytes: 0 });
  await using part = await startPart('app/emitter.js', config, { stdout: fifo.writeEnd });
  await part.call('load-start', { loadStartNs: nowNs() });
  await until('three lines', () => text.split('\n').length === 4, 2_000);
  expect(text).toMatch(/^HEY 0 lrs1-abc123-quiet-0-\d\d-[0-9a-f]{8}!\nHEY 1 /);
});
