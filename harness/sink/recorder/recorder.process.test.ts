import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import * as http from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sleep } from '../../core/real-clock.ts';
import type { Event, PushData } from '../../model/event.ts';
import { formatLineId } from '../../model/line-id.ts';
import {
  createLineRecord,
  decodeLineRecord,
  LINE_KINDS,
  LINE_RECORD_BYTES,
  type LineRecord,
} from '../../model/line-record.ts';
import { encodeJson, encodeSnappy } from '../../testing/loki-push.ts';
import { lokiSink } from '../loki/sink.ts';
import { readLoki } from '../reader.ts';
import type { RecorderPartConfig, RecorderReadyInfo } from './part.ts';

const PROGRAM = new URL('../../../dist/harness/sink/recorder/main.js', import.meta.url);
const PROTOBUF = { 'content-type': 'application/x-protobuf' };
const id = (seq: number, canary = false) => formatLineId({ run: 'r1a2b3', app: 'web', seq, canary, bytes: 0, crc: 0 });

interface Recorder extends AsyncDisposable {
  url: string;
  events: Event[];
  call(command: string, data?: unknown): Promise<unknown>;
}

/** The harness's half of a part, as far as these tests need it. */
function startRecorder(config: RecorderPartConfig): Promise<Recorder> {
  const child: ChildProcess = fork(PROGRAM, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const calls = new Map<number, (message: { result?: unknown; error?: string }) => void>();
  const events: Event[] = [];
  let lastCall = 0;
  const call = (command: string, data: unknown = {}) =>
    new Promise((resolve, reject) => {
      calls.set(++lastCall, ({ result, error }) => (error === undefined ? resolve(result) : reject(new Error(error))));
      child.send({ type: 'call', id: lastCall, command, data });
    });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return new Promise((resolve) => {
    child.on('message', (message: { type: string; id: number; info: RecorderReadyInfo; event: Event }) => {
      if (message.type === 'hello') child.send({ type: 'config', config });
      if (message.type === 'event') events.push(message.event);
      if (message.type === 'result') calls.get(message.id)?.(message as never);
      if (message.type === 'ready') {
        const dispose = async (): Promise<void> => {
          child.disconnect();
          await exited;
        };
        resolve({ url: message.info.urls.at(-1)!, events, call, [Symbol.asyncDispose]: dispose });
      }
    });
  });
}

let folder: string;
let stack: ReturnType<typeof createStack>;
let recorder: Recorder;
let seenRequests: { method: string; url: string; rawHeaders: string[]; body: Buffer }[];

/** Everything opened is closed, last first. */
function createStack() {
  const opened: AsyncDisposable[] = [];
  return {
    use<T extends AsyncDisposable>(value: T): T {
      opened.push(value);
      return value;
    },
    async disposeAsync(): Promise<void> {
      for (const value of opened.reverse()) await value[Symbol.asyncDispose]();
    },
  };
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'larsen-recorder-'));
  stack = createStack();
  seenRequests = [];
});
afterEach(async () => {
  await stack.disposeAsync();
  rmSync(folder, { recursive: true });
});

async function openRecorder(upstreamUrl: string): Promise<void> {
  const hops = [{ name: 'sink' as const, upstreamUrl, port: 0 }];
  recorder = stack.use(await startRecorder({ run: 'r1a2b3', apps: ['web', 'quiet'], linesDir: folder, seed: 1, hops }));
}

/** A recorder in front of the embedded sink. */
async function openWithSink(params: Record<string, unknown> = {}): Promise<string> {
  const start = { port: 0, dataDir: '', sharedDir: '', upstreamUrl: undefined, params, emit: () => undefined };
  const sink = stack.use(await lokiSink.start(start));
  await openRecorder(sink.url);
  return sink.url;
}

/** A recorder in front of a server that notes what it gets and answers by `answer`. */
async function openWithServer(
  answer: (request: http.IncomingMessage, response: http.ServerResponse, body: Buffer) => void,
): Promise<void> {
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('error', () => undefined);
    request.on('end', () => {
      const { method = '', url = '', rawHeaders } = request;
      const body = Buffer.concat(chunks);
      seenRequests.push({ method, url, rawHeaders, body });
      answer(request, response, body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  stack.use({
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
  await openRecorder(`http://127.0.0.1:${(server.address() as { port: number }).port}`);
}

interface Answer {
  status: number;
  text: string;
  rawHeaders: string[];
}

function send(body: Buffer, headers: http.OutgoingHttpHeaders = PROTOBUF, path = '/loki/api/v1/push'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = http.request(`${recorder.url}${path}`, { method: 'POST', headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        resolve({
          status: response.statusCode ?? 0,
          text: Buffer.concat(chunks).toString(),
          rawHeaders: response.rawHeaders,
        });
      });
    });
    request.on('error', reject);
    request.end(body);
  });
}

const nowNs = () => BigInt(Date.now()) * 1_000_000n;

function body(...lines: string[]): Buffer {
  const first = nowNs();
  return encodeSnappy([
    { labels: '{app="web"}', entries: lines.map((line, index) => ({ tsNs: first + BigInt(index), line })) },
  ]);
}

async function pushes(): Promise<PushData[]> {
  await recorder.call('flush');
  return recorder.events.filter(({ kind }) => kind === 'push').map(({ data }) => data as unknown as PushData);
}

async function records(app = 'web'): Promise<LineRecord[]> {
  await recorder.call('flush');
  const bytes = readFileSync(join(folder, `${app}.bin`));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: bytes.length / LINE_RECORD_BYTES }, (_, index) => {
    const record = createLineRecord();
    decodeLineRecord(view, index * LINE_RECORD_BYTES, record);
    return record;
  });
}

describe('the recording hop', () => {
  it('passes method, path, headers and bytes on unchanged, both ways', async () => {
    await openWithServer((_request, response) => {
      response.sendDate = false;
      response.writeHead(260, 'Odd But Good', ['X-Up', '1', 'x-up', '2', 'Content-Length', '4']).end('a\0yz');
    });
    const payload = body(`GET ${id(1)}`);
    const answer = await send(
      payload,
      { 'X-Scope-OrgID': 'tenant', 'Content-Type': 'Weird/Type', 'x-Lower': 'z' },
      '/loki/api/v1/push?a=%20b',
    );
    expect(seenRequests).toHaveLength(1);
    const [seen] = seenRequests;
    expect(seen).toMatchObject({ method: 'POST', url: '/loki/api/v1/push?a=%20b' });
    expect(seen!.body.equals(payload)).toBe(true);
    expect(seen!.rawHeaders.join('\n')).toContain(
      ['X-Scope-OrgID', 'tenant', 'Content-Type', 'Weird/Type', 'x-Lower', 'z'].join('\n'),
    );
    expect(seen!.rawHeaders).toContain(new URL(recorder.url).host);
    expect(answer).toMatchObject({ status: 260, text: 'a\0yz' });
    expect(answer.rawHeaders.slice(0, 6)).toEqual(['X-Up', '1', 'x-up', '2', 'Content-Length', '4']);
    expect(await pushes()).toMatchObject([{ status: 260, path: '/loki/api/v1/push?a=%20b', refusal: 'a\0yz' }]);
  });

  it('passes chunked bodies and chunked answers', async () => {
    await openWithServer((_request, response) => {
      response.write('one ');
      response.end('two');
    });
    const answer = await send(body('x'), { ...PROTOBUF, 'transfer-encoding': 'chunked' });
    expect(answer).toMatchObject({ status: 200, text: 'one two' });
    expect(seenRequests[0]!.rawHeaders.map((text) => text.toLowerCase())).toContain('transfer-encoding');
  });

  it('records each push, and each id in it with the answer it got', async () => {
    const sinkUrl = await openWithSink({ limits: { lineMaxBytes: 200 } });
    expect(
      (await send(body(`a ${id(1)}`, `b ${id(2)}`, `c ${id(3)} ${id(4)}`, `canary ${id(9, true)}`, 'own'))).status,
    ).toBe(204);
    const refused = await send(body(`${id(5)}`.padEnd(201, '.')));
    expect(refused.status).toBe(400);
    const json = encodeJson([{ stream: { app: 'web' }, entries: [{ tsNs: nowNs(), line: `d ${id(6)}` }] }]);
    expect((await send(json, { 'content-type': 'application/json' })).status).toBe(204);

    const seen = await records();
    const brief = seen.map(({ kind, hop, detail, seq, value, bytes }) => [kind, hop, detail, seq, value, bytes]);
    const row = (status: number, seq: number, push: number, together = 1) => [
      LINE_KINDS.pushed,
      4,
      status,
      seq,
      push,
      together,
    ];
    expect(brief).toEqual([
      row(204, 1, 1),
      row(204, 2, 1),
      row(204, 3, 1, 2),
      row(204, 4, 1, 2),
      row(400, 5, 2),
      row(204, 6, 3),
    ]);
    const events = await pushes();
    expect(events).toMatchObject([
      { push: 1, status: 204, format: 'protobuf', entries: 5, appEntries: 3, ownEntries: 2, ids: 5 },
      { push: 2, status: 400, refusal: expect.stringMatching(/^max entry size '200' bytes exceeded/) },
      { push: 3, status: 204, format: 'json', appEntries: 1 },
    ]);
    expect(seen[0]!.atNs).toBe(events[0]!.answeredNs);
    expect(events[0]!.startedNs).toBeLessThan(events[0]!.answeredNs);
    expect(await recorder.call('canaries')).toEqual([{ app: 'web', canary: 9, hop: 'sink', status: 204 }]);
    expect(await recorder.call('stats')).toEqual({ pushes: 3, accepted: 2, refused: 1, busyRatio: expect.any(Number) });
    // Reading back goes through the hop as well as past it, and is no push.
    const window = { fromNs: nowNs() - 3_600_000_000_000n, toNs: nowNs() + 1n };
    for (const url of [recorder.url, sinkUrl]) {
      const lines: string[] = [];
      for await (const { line } of readLoki({ url, ...window })) lines.push(String(line));
      expect(lines).toHaveLength(6);
    }
    expect(await pushes()).toHaveLength(3);
  });

  it('answers in place of the sink by rule, for so many calls, and lets queries pass', async () => {
    await openWithSink();
    const rule = await recorder.call('rule-add', {
      status: 500,
      body: 'resource-exhausted',
      retryAfter: 2,
      calls: 2,
      fault: 'sink-status',
    });
    const answers = [await send(body(id(1))), await send(body(id(2))), await send(body(id(3)))];
    expect(answers.map(({ status }) => status)).toEqual([500, 500, 204]);
    expect(answers[0]!.text).toMatch(
      /^rpc error: code = ResourceExhausted desc = grpc: received message larger than max \(\d+ vs\. 4194304\)\n$/,
    );
    expect(await pushes()).toMatchObject([
      { status: 500, fault: 'sink-status', retryAfter: '2' },
      { status: 500 },
      { status: 204 },
    ]);
    expect((await pushes())[2]!.fault).toBeUndefined();
    expect(await recorder.call('rule-remove', { id: rule })).toBe(true);
    await recorder.call('rule-add', { status: 503, fault: 'always' });
    expect((await fetch(`${recorder.url}/ready`)).status).toBe(200);
  });

  it('can stay silent, and writes down what was never answered', async () => {
    await openWithSink();
    await recorder.call('rule-add', { silent: true, calls: 2, fault: 'sink-silent' });
    // Awaited from the beginning: it may be cut before the stop is answered.
    const cut = expect(send(body(id(1)))).rejects.toThrow();
    const aborted = http.request(`${recorder.url}/loki/api/v1/push`, { method: 'POST', headers: PROTOBUF });
    aborted.on('error', () => undefined);
    aborted.end(body(id(2)));
    await sleep(200);
    aborted.destroy();
    await sleep(100);
    expect(recorder.events.filter(({ kind }) => kind === 'push')).toHaveLength(1);
    const all = await pushes();
    expect(all).toHaveLength(2);
    for (const push of all) expect(push).toMatchObject({ status: 0, fault: 'sink-silent', ids: 1 });
    expect((await records()).map(({ detail, seq }) => [detail, seq]).sort()).toEqual([
      [0, 1],
      [0, 2],
    ]);
    await recorder.call('stop');
    await cut;
    expect(await pushes()).toHaveLength(2);
  });

  it('delays, slows and resets by rule', async () => {
    await openWithSink();
    await recorder.call('rule-add', { delayMs: 300, calls: 1, fault: 'delay' });
    await recorder.call('rule-add', { bytesPerSecond: 200_000, calls: 1, fault: 'slow' });
    await recorder.call('rule-add', { resetAfterBytes: 1_000, calls: 1, fault: 'reset' });
    const timed = async (payload: Buffer) => {
      const startedMs = performance.now();
      const { status } = await send(payload);
      return { status, ms: performance.now() - startedMs };
    };
    const delayed = await timed(body(id(1)));
    expect(delayed.status).toBe(204);
    expect(delayed.ms).toBeGreaterThan(290);
    // Digits that snappy cannot shorten: 100 kB at 200 kB/s.
    const noise = Array.from({ length: 1_000 }, (_, index) => `${Math.sin(index)}`.padEnd(100, `${Math.cos(index)}`));
    const payload = encodeJson([
      { stream: { app: 'web' }, entries: noise.map((line, index) => ({ tsNs: nowNs() + BigInt(index), line })) },
    ]);
    const startedMs = performance.now();
    expect((await send(payload, { 'content-type': 'application/json' })).status).toBe(204);
    expect(performance.now() - startedMs).toBeGreaterThan((payload.length / 200_000) * 1_000 * 0.9);
    await expect(send(payload)).rejects.toThrow(/ECONNRESET|socket hang up|EPIPE/);
    expect(await pushes()).toMatchObject([
      { status: 204, fault: 'delay' },
      { status: 204, fault: 'slow', entries: 1_000 },
      { status: 0, fault: 'reset' },
    ]);
  });

  it('refuses connections while it is stopped and comes back at the same address', async () => {
    await openWithSink();
    await send(body(id(1)));
    await recorder.call('stop', { fault: 'sink-down' });
    await recorder.call('stop');
    const { port } = new URL(recorder.url);
    const refused = await new Promise((resolve) => {
      connect(Number(port), '127.0.0.1').once('error', (error: NodeJS.ErrnoException) => resolve(error.code));
    });
    expect(refused).toBe('ECONNREFUSED');
    await recorder.call('start');
    await recorder.call('start');
    expect((await send(body(id(2)))).status).toBe(204);
    expect(await pushes()).toHaveLength(2);
  });

  it('cuts pushes under way when it is stopped, and names the fault', async () => {
    await openWithServer(() => undefined);
    const open = send(body(id(1)));
    open.catch(() => undefined);
    await sleep(200);
    await recorder.call('stop', { fault: 'sink-down' });
    await expect(open).rejects.toThrow();
    expect(await pushes()).toMatchObject([{ status: 0, fault: 'sink-down', ids: 1 }]);
  });

  it('passes a broken answer on as a broken connection', async () => {
    await openWithServer((request) => request.socket.resetAndDestroy());
    await expect(send(body(id(1)))).rejects.toThrow();
    expect(await pushes()).toMatchObject([{ status: 0, ids: 1 }]);
    expect((await records())[0]).toMatchObject({ detail: 0, seq: 1 });
  });

  it('recognises anonymous lines once it knows the wrapper', async () => {
    await openWithSink();
    const wrapped = JSON.stringify({ log: 'an anonymous line' });
    await send(body(wrapped));
    await recorder.call('wrapper', { kind: 'json', key: 'log' });
    await send(body('an anonymous line', wrapped));
    const [before, after] = await pushes();
    const [crc] = Object.keys(after!.anonymous);
    expect(after!.anonymous[crc!]?.[0]).toBe(2);
    expect(Object.keys(before!.anonymous)).not.toContain(crc);
  });

  it('records posts it does not understand, ids one by one', async () => {
    await openWithServer((_request, response) => response.writeHead(201).end());
    await send(
      Buffer.from(`{"index":{}}\n{"message":"${id(7)}"}\n`),
      { 'content-type': 'application/x-ndjson' },
      '/_bulk',
    );
    expect(await pushes()).toMatchObject([{ path: '/_bulk', format: 'unknown', status: 201, ids: 1 }]);
    expect(await records()).toMatchObject([{ seq: 7, bytes: 1, detail: 201 }]);
  });

  it('keeps up with bodies of 31 MB, one after another', async () => {
    await openWithSink({ version: '2019', limits: { rateBytesPerSecond: null, burstBytes: null } });
    const line = '\\'.repeat(16_384);
    const values = Array.from({ length: 950 }, () => ({ ts: '2026-11-22T14:21:29.000000Z', line }));
    const storm = Buffer.from(
      JSON.stringify({
        streams: [{ labels: '{app="web"}', entries: [...values, { ts: '2026-11-22T14:21:29.000000Z', line: id(1) }] }],
      }),
    );
    for (let time = 0; time < 3; time++) {
      expect(await send(storm, { 'content-type': 'application/json' }, '/api/prom/push')).toMatchObject({
        status: 500,
      });
    }
    expect(await pushes()).toMatchObject(
      [1, 2, 3].map((push) => ({
        push,
        status: 500,
        decodedBytes: storm.length,
        backslashRunMax: 32_768,
        ids: 1,
        entries: 951,
      })),
    );
  });
});
