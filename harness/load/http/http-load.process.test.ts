import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { decodeRecords, makeFolder, startPart } from '../../app/testing/start-part.ts';
import { nowNs } from '../../core/real-clock.ts';
import { HOPS, LINE_KINDS } from '../../model/line-record.ts';
import { createLineWriter } from '../../model/line-writer.ts';
import { until } from '../../testing/until.ts';
import type { HttpLoadPartConfig } from './config.ts';

function planRequests(file: string, { count, perSecond }: { count: number; perSecond: number }): void {
  const writer = createLineWriter(file);
  for (let seq = 0; seq < count; seq++)
    writer.append(LINE_KINDS.planned, HOPS.indexOf('app'), 0, seq, 0, (seq * 1_000) / perSecond, 0, 0);
  writer.close();
}

async function listen(
  handle: Parameters<typeof createServer>[1],
): Promise<{ server: Server; url: string } & Disposable> {
  const server = createServer(handle);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = (): void => {
    server.close();
    server.closeAllConnections();
  };
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, [Symbol.dispose]: close };
}

function loadConfig(folder: string, url: string, changes: Partial<HttpLoadPartConfig> = {}): HttpLoadPartConfig {
  return {
    run: 'abc123',
    seed: 1,
    app: 'web',
    url,
    path: '/static/{id}',
    linesFile: join(folder, 'web.bin'),
    ...changes,
  };
}

const outcomes = (file: string) => decodeRecords(readFileSync(file)).filter(({ hop }) => hop === HOPS.indexOf('load'));

test('each planned request is sent once, when it is due, with its own id', async () => {
  using folder = makeFolder();
  const paths: string[] = [];
  using target = await listen((request, response) => {
    paths.push(request.url!);
    response.end('x'.repeat(16_384));
  });
  const config = loadConfig(folder.path, target.url, { connections: 20 });
  planRequests(config.linesFile, { count: 500, perSecond: 500 });
  await using part = await startPart('load/http/main.js', config);
  const loadStartNs = nowNs() + 50e6;
  await part.call('load-start', { loadStartNs });
  expect(await part.call('wait')).toEqual({ answered: 500, failed: 0, notSent: 0 });
  expect(paths.sort()).toEqual(
    Array.from({ length: 500 }, (_, seq) => `/static/lrs1-abc123-web-${seq}-0-00000000`).sort(),
  );
  await part.call('stop', { withinMs: 100 });
  const records = outcomes(config.linesFile);
  expect(records.map(({ seq }) => seq).sort((a, b) => a - b)).toEqual(Array.from({ length: 500 }, (_, seq) => seq));
  for (const { kind, detail, atNs, value, seq } of records) {
    expect([kind, detail]).toEqual([LINE_KINDS.answered, 200]);
    expect(atNs).toBeGreaterThanOrEqual(loadStartNs + seq * 2e6);
    expect(value).toBeGreaterThan(atNs);
  }
  const late = records.map(({ atNs, seq }) => (atNs - loadStartNs) / 1e6 - seq * 2).sort((a, b) => a - b);
  expect(late[250]).toBeLessThan(20);
  await until('a probe', () => part.events.some(({ data }) => (data as { probe?: string })?.probe === 'load'), 1_500);
});

test('a target that stands still does not slow the plan: requests time out, the others are not sent at their instant', async () => {
  using folder = makeFolder();
  let received = 0;
  // The head and half of the body, then nothing: what a connection has read must not spoil its next answer.
  using target = await listen((_, response) => {
    if (received++ >= 20) return void response.end('done');
    response.writeHead(200, { 'content-length': 1_000 });
    response.write('x'.repeat(500));
  });
  const config = loadConfig(folder.path, target.url, { connections: 10, timeoutMs: 600, sendWithinMs: 200 });
  planRequests(config.linesFile, { count: 150, perSecond: 100 });
  await using part = await startPart('load/http/main.js', config);
  const loadStartNs = nowNs();
  await part.call('load-start', { loadStartNs });
  const result = (await part.call('wait')) as { answered: number; failed: number; notSent: number };
  expect((nowNs() - loadStartNs) / 1e6).toBeLessThan(2_500);
  expect(result.failed).toBe(20);
  expect(result.notSent).toBeGreaterThan(40);
  expect(result.answered).toBeGreaterThan(5);
  expect(result.answered + result.failed + result.notSent).toBe(150);

  const records = outcomes(config.linesFile);
  for (const { seq, atNs } of records.filter(({ kind }) => kind === LINE_KINDS.notSent)) {
    const decidedAfterMs = (atNs - loadStartNs) / 1e6 - seq * 10;
    expect(decidedAfterMs).toBeGreaterThan(200);
    expect(decidedAfterMs).toBeLessThan(400);
  }
  for (const { detail, atNs, value } of records.filter(({ kind }) => kind === LINE_KINDS.failed)) {
    expect(detail).toBe(1);
    expect((value - atNs) / 1e6).toBeGreaterThanOrEqual(600);
  }
});

test('a refused connection is a failure of that request alone, and a target that comes back is used again', async () => {
  using folder = makeFolder();
  const target = await listen((_, response) => void response.end('ok'));
  const port = (target.server.address() as AddressInfo).port;
  target[Symbol.dispose]();
  const config = loadConfig(folder.path, target.url, { connections: 5 });
  planRequests(config.linesFile, { count: 100, perSecond: 100 });
  await using part = await startPart('load/http/main.js', config);
  await part.call('load-start', { loadStartNs: nowNs() });
  const again = createServer((_, response) => void response.end('ok'));
  setTimeout(() => again.listen(port, '127.0.0.1'), 400);
  const result = (await part.call('wait')) as { answered: number; failed: number };
  again.close();
  again.closeAllConnections();
  expect(result.answered).toBeGreaterThan(30);
  expect(result.failed).toBeGreaterThan(20);
  expect(result.answered + result.failed).toBe(100);
  expect(
    outcomes(config.linesFile)
      .filter(({ kind }) => kind === LINE_KINDS.failed)
      .every(({ detail }) => detail === 2),
  ).toBe(true);
});

test('a server that closes each connection after its answer loses nothing', async () => {
  using folder = makeFolder();
  using target = await listen((_, response) => void response.setHeader('connection', 'close').end('ok'));
  const config = loadConfig(folder.path, target.url, { connections: 5 });
  planRequests(config.linesFile, { count: 100, perSecond: 200 });
  await using part = await startPart('load/http/main.js', config);
  await part.call('load-start', { loadStartNs: nowNs() });
  expect(await part.call('wait')).toEqual({ answered: 100, failed: 0, notSent: 0 });
});

test('stop is bounded: what is in flight is given up, what is not due is left out', async () => {
  using folder = makeFolder();
  using target = await listen(() => undefined);
  const config = loadConfig(folder.path, target.url, { connections: 50 });
  planRequests(config.linesFile, { count: 1_000, perSecond: 100 });
  await using part = await startPart('load/http/main.js', config);
  await part.call('load-start', { loadStartNs: nowNs() });
  await new Promise((resolve) => setTimeout(resolve, 200));
  const askedNs = nowNs();
  const result = (await part.call('stop', { withinMs: 100 })) as { answered: number; failed: number; notSent: number };
  expect((nowNs() - askedNs) / 1e6).toBeLessThan(500);
  expect(result).toMatchObject({ answered: 0, notSent: 0 });
  expect(result.failed).toBeGreaterThan(10);
  expect(result.failed).toBeLessThan(40);
  expect(outcomes(config.linesFile).length).toBe(result.failed);
});
