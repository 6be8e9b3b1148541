// The driver process with real pipes and a real unix socket: what Docker 20.10 was measured to do behind a peer
// that accepts and never reads, within 5 %, and what it does when such a peer thaws, dies or returns.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DriverLoggerState } from '../model/event.ts';
import { LINE_KINDS } from '../model/line-record.ts';
import type { LoggerConfig, LoggerStarted, LoggerStopped } from './part.ts';
import {
  type DriverProcess,
  prepareLogger,
  readLineRecords,
  startDriverProcess,
  startTestApp,
  startTestServer,
  type TestApp,
  type TestServer,
  until,
} from './testing/driver-process.ts';
import { driverSpec } from './testing/test-logger.ts';
import { decodeMessages } from './testing/virtual-agent.ts';

/** Messages of 100-byte lines that one unix socket takes while nobody reads it (default buffer of 212,992). */
const IN_SOCKET = 167;
const QUIET_MS = 700;

let folder = '';
let path = '';
let driver: DriverProcess;
let server: TestServer | undefined;
let app: TestApp | undefined;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'larsen-driver-'));
  path = join(folder, 'agent.sock');
  driver = await startDriverProcess({ forwardUrl: `unix://${path}`, logsDir: folder });
});

afterEach(async () => {
  await app?.kill();
  await driver.stop();
  await server?.die();
  [app, server] = [undefined, undefined];
  rmSync(folder, { recursive: true });
});

const start = (config: LoggerConfig): Promise<LoggerStarted> => driver.call('start-logger', config);
const stop = (withinMs: number): Promise<LoggerStopped> => driver.call('stop-logger', { app: 'web', withinMs });
const state = async (): Promise<DriverLoggerState> => (await driver.call<DriverLoggerState[]>('state'))[0]!;
const logs = (): string[] => decodeMessages(server!.received()).map(([, , { log }]) => log!);
const kinds = (config: LoggerConfig): Record<number, number> => {
  const counts: Record<number, number> = {};
  for (const { kind } of readLineRecords(config.linesFile!)) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
};

describe('the driver process behind a peer that never reads', () => {
  it('sync: blocks the app after about 11,935 lines of 100 bytes', async () => {
    server = await startTestServer(path, false);
    const config = prepareLogger(folder);
    expect(await start(config)).toEqual({ ok: true });
    app = startTestApp(config, { count: 30_000, length: 99 });
    await app.settled(QUIET_MS);
    const written = app.written();
    console.log(`sync: blocked after ${written} lines, 11,935 measured on Docker 20.10`);
    expect(written).toBeGreaterThan(11_935 * 0.95);
    expect(written).toBeLessThan(11_935 * 1.05);
    const { sentMessages, pipeFull, blockedMs } = await state();
    expect({ sentMessages, pipeFull }).toEqual({ sentMessages: IN_SOCKET, pipeFull: true });
    expect(blockedMs).toBeGreaterThan(QUIET_MS / 2);
    await until(() => driver.events.some(({ data }) => data?.probe === 'driver-state'));

    await app.kill();
    const stopped = await stop(500);
    expect(stopped.timedOut).toBe(true);
    // A write(2) cut by the kill may leave part of a line in the pipe.
    expect(stopped.heldLines).toBeGreaterThanOrEqual(written - IN_SOCKET);
    expect(stopped.heldLines).toBeLessThanOrEqual(written - IN_SOCKET + 1);
    const counted = kinds(config);
    expect(counted[LINE_KINDS.driverSent]).toBe(IN_SOCKET);
    expect(counted[LINE_KINDS.held]).toBeGreaterThanOrEqual(written - IN_SOCKET);
  });

  it('async with a limit of 1,000: never blocks, keeps 1,000 and what is in the socket', async () => {
    server = await startTestServer(path, false);
    const config = prepareLogger(folder, { driver: driverSpec({ async: true, bufferLimit: 1_000 }) });
    await start(config);
    app = startTestApp(config, { count: 30_000, length: 99 });
    await app.settled(QUIET_MS);
    expect(app.written()).toBe(30_000);
    await until(async () => (await state()).readBytes === 3_000_000);
    const { queuedMessages, droppedMessages } = await state();
    expect(queuedMessages).toBe(1_000);
    expect(droppedMessages).toBe(30_000 - 1_000 - 1 - IN_SOCKET);
    await until(() =>
      driver.events.some(({ kind, data }) => kind === 'driver-dropped' && data?.reason === 'queue-full'),
    );

    expect((await stop(300)).timedOut).toBe(true);
    server.thaw();
    await until(() => logs().length === IN_SOCKET);
  });

  it('non-blocking: never blocks, the ring keeps the first 10,101 lines', async () => {
    server = await startTestServer(path, false);
    const config = prepareLogger(folder, { driver: driverSpec({ mode: 'non-blocking' }) });
    await start(config);
    app = startTestApp(config, { count: 30_000, length: 99 });
    await app.settled(QUIET_MS);
    expect(app.written()).toBe(30_000);
    await until(async () => (await state()).readBytes === 3_000_000);
    expect((await state()).queuedMessages).toBe(10_101);

    server.thaw();
    await until(() => logs().length === IN_SOCKET + 1 + 10_101);
    expect(await stop(2_000)).toEqual({ heldLines: 0, timedOut: false });
    const sent = readLineRecords(config.linesFile!).filter(({ kind }) => kind === LINE_KINDS.driverSent);
    expect(sent.map(({ seq }) => seq)).toEqual(Array.from({ length: IN_SOCKET + 1 + 10_101 }, (_, seq) => seq));
  });

  it('18.09 blocks too, even with fluentd-async-connect', async () => {
    server = await startTestServer(path, false);
    const config = prepareLogger(folder, { driver: driverSpec({ docker: '18.09', async: true }) });
    await start(config);
    app = startTestApp(config, { count: 30_000, length: 99 });
    await app.settled(QUIET_MS);
    expect(app.written()).toBeGreaterThan(11_935 * 0.95);
    expect(app.written()).toBeLessThan(11_935 * 1.05);
  });
});

describe('the driver process behind a peer that comes and goes', () => {
  it('delivers every line in order when a stalled peer thaws', async () => {
    server = await startTestServer(path, false);
    const config = prepareLogger(folder);
    await start(config);
    app = startTestApp(config, { count: 15_000, length: 99 });
    await app.settled(QUIET_MS);
    expect(app.written()).toBeLessThan(15_000);
    server.thaw();
    await until(() => logs().length === 15_000);
    expect(await stop(2_000)).toEqual({ heldLines: 0, timedOut: false });
    expect(logs().map((log) => Number(log.split('-')[3]))).toEqual(Array.from({ length: 15_000 }, (_, seq) => seq));
    expect(kinds(config)).toEqual({ [LINE_KINDS.driverSent]: 15_000 });
  });

  it('loses only what the dead peer had in its socket', async () => {
    server = await startTestServer(path, false);
    const config = prepareLogger(folder);
    await start(config);
    app = startTestApp(config, { count: 13_000, length: 99 });
    await app.settled(QUIET_MS);
    await server.die();
    server = await startTestServer(path, true);
    await until(() => server!.received().length > 0 && logs().at(-1)!.startsWith('lrs1-abcdef-web-12999-'));
    expect(logs()).toHaveLength(13_000 - IN_SOCKET);
    expect(await stop(2_000)).toEqual({ heldLines: 0, timedOut: false });
  });

  it("refuses to start a sync container without an agent, with Docker's words, and starts an async one", async () => {
    const config = prepareLogger(folder);
    const error = `failed to initialize logging driver: dial unix ${path}: connect: no such file or directory`;
    expect(await start(config)).toEqual({ ok: false, error });
    expect(await start({ ...config, driver: driverSpec({ async: true, retryWaitMs: 100 }) })).toEqual({ ok: true });
    app = startTestApp(config, { count: 500, length: 99 });
    await until(async () => (await state()).state === 'reconnecting');
    server = await startTestServer(path, true);
    await until(() => logs().length === 500);
    expect(await stop(2_000)).toEqual({ heldLines: 0, timedOut: false });
  });

  it('speaks TCP as well', async () => {
    await driver.stop();
    driver = await startDriverProcess({ forwardUrl: 'tcp://127.0.0.1:1', logsDir: folder });
    const refused = 'failed to initialize logging driver: dial tcp 127.0.0.1:1: connect: connection refused';
    const config = prepareLogger(folder);
    expect(await start(config)).toEqual({ ok: false, error: refused });
    await driver.stop();
    server = await startTestServer(0, true);
    driver = await startDriverProcess({ forwardUrl: `tcp://127.0.0.1:${server.port}`, logsDir: folder });
    expect(await start(config)).toEqual({ ok: true });
    app = startTestApp(config, { count: 500, length: 99 });
    await until(() => logs().length === 500);
  });

  it('says that a socket path is too long for a unix socket', async () => {
    await driver.stop();
    driver = await startDriverProcess({ forwardUrl: `unix:///${'d'.repeat(120)}`, logsDir: folder });
    const error = expect.stringContaining('a unix socket takes 107');
    expect(await start(prepareLogger(folder))).toEqual({ ok: false, error });
  });

  it('has one message in flight with fluentd-request-ack', async () => {
    server = await startTestServer(path, true);
    const acked = driverSpec({ options: { 'fluentd-request-ack': 'true' } });
    const config = prepareLogger(folder, { driver: acked });
    await start(config);
    app = startTestApp(config, { count: 20, length: 99 });
    for (let count = 1; count <= 20; count++) {
      await until(() => server!.received().length > 0 && logs().length === count);
      const { chunk } = decodeMessages(server.received()).at(-1)![3] as { chunk: string };
      server.send(Buffer.concat([Buffer.from('81a361636bb8', 'hex'), Buffer.from(chunk)]));
    }
    expect(await stop(2_000)).toEqual({ heldLines: 0, timedOut: false });
    expect(kinds(config)).toEqual({ [LINE_KINDS.driverSent]: 20 });
  });

  it('answers an unknown log-opt with the words of Docker', async () => {
    const config = prepareLogger(folder, { driver: driverSpec({ options: { 'fluentd-asynch': 'true' } }) });
    const answer = await start(config);
    expect(answer).toEqual({ ok: false, error: expect.stringContaining("unknown log opt 'fluentd-asynch'") });
  });

  it('drops what the daemon holds when it restarts, and goes on with what shim and FIFO hold', async () => {
    server = await startTestServer(path, false);
    const config = prepareLogger(folder);
    await start(config);
    app = startTestApp(config, { count: 13_000, length: 99 });
    await app.settled(QUIET_MS);
    await server.die();
    server = await startTestServer(path, true);
    await driver.call('restart');
    await until(() => server!.received().length > 0 && logs().at(-1)!.startsWith('lrs1-abcdef-web-12999-'));
    await stop(2_000);
    const counted = kinds(config);
    expect(counted[LINE_KINDS.driverDropped]).toBeGreaterThan(9_900);
    expect(counted[LINE_KINDS.driverDropped]! + counted[LINE_KINDS.driverSent]!).toBe(13_000);
  });
});

describe("the driver process with the agent's own output", () => {
  it('keeps it in a file and counts the payload in it', async () => {
    const config = prepareLogger(folder, { app: '@agent', driver: driverSpec({ name: 'json-file' }), linesFile: null });
    expect(await start(config)).toEqual({ ok: true });
    app = startTestApp(config, { count: 50, length: 99 });
    const own = (): Record<string, unknown>[] =>
      driver.events.filter(({ kind }) => kind === 'agent-own').map(({ data }) => data!);
    await until(() => own().reduce((sum, { ids }) => sum + Number(ids), 0) === 50);
    expect(own().every(({ point }) => point === 'stdout')).toBe(true);
    expect(own()[0]!.sample).toContain('lrs1-abcdef-web-0-99');
    expect(await driver.call('stop-logger', { app: '@agent', withinMs: 1_000 })).toEqual({
      heldLines: 0,
      timedOut: false,
    });
    const kept = readFileSync(join(folder, 'agent-json.log'), 'utf8').trim().split('\n');
    expect(kept).toHaveLength(50);
    expect(JSON.parse(kept[0]!)).toMatchObject({ stream: 'stdout' });
  });
});
