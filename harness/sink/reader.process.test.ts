import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { formatLineId } from '../model/line-id.ts';
import type { SinkEntry } from '../model/parts.ts';
import { encodeSnappy, type TestStream } from '../testing/loki-push.ts';
import { createLokiCore, type LokiCore } from './loki/core.ts';
import { type HttpShell, serveLoki } from './loki/http-shell.ts';
import { defaultLimits, type LokiVersion } from './loki/version.ts';
import { countLoki, readLoki, waitLokiReady } from './reader.ts';

const BASE_NS = 1_790_000_000_000_000_000n;
const HOUR = 3_600_000_000_000n;

let core: LokiCore;
let shell: HttpShell;

async function open(version: LokiVersion): Promise<void> {
  const none = Number.POSITIVE_INFINITY;
  const limits = { ...defaultLimits(version), rateBytesPerSecond: none, streamRateBytesPerSecond: none };
  core = createLokiCore({ version, limits });
  shell = await serveLoki(core, { port: 0, wallNs: () => BASE_NS });
}

beforeEach(() => open('3.7'));
afterEach(() => shell[Symbol.asyncDispose]());

function push(streams: TestStream[]): void {
  const body = encodeSnappy(streams);
  const headers = { 'content-type': 'application/x-protobuf' };
  const { status, body: text } = core.handle({
    method: 'POST',
    path: '/loki/api/v1/push',
    headers,
    body,
    nowNs: BASE_NS,
  });
  expect(status, text).toBe(204);
}

const window = () => ({ url: shell.url, fromNs: BASE_NS - HOUR, toNs: BASE_NS + HOUR });

async function readAll(): Promise<SinkEntry[]> {
  const entries: SinkEntry[] = [];
  for await (const entry of readLoki(window())) entries.push(entry);
  return entries;
}

const id = (seq: number) => formatLineId({ run: 'r1a2b3', app: 'web', seq, canary: false, bytes: 0, crc: 0 });

describe('readLoki', () => {
  it('reads an empty sink', async () => {
    expect(await readAll()).toEqual([]);
    expect(await countLoki(window())).toBe(0);
  });

  it('finds every stream once, whatever its labels are called', async () => {
    push([
      { labels: '{app="a", tag="t"}', entries: [{ tsNs: BASE_NS, line: '1' }] },
      { labels: '{tag="t"}', entries: [{ tsNs: BASE_NS, line: '2' }] },
      { labels: '{zone="z", app="b"}', entries: [{ tsNs: BASE_NS, line: '3', metadata: { level: 'info' } }] },
      { labels: '{only="o"}', entries: [{ tsNs: BASE_NS, line: '1' }] },
    ]);
    const entries = await readAll();
    expect(entries.map(({ line }) => line).sort()).toEqual(['1', '1', '2', '3']);
    expect(entries.find(({ line }) => line === '3')).toEqual({
      tNs: BASE_NS,
      line: '3',
      labels: { app: 'b', zone: 'z' },
      metadata: { level: 'info' },
    });
    expect(await countLoki(window())).toBe(4);
  });

  it('leaves out what lies outside of the window', async () => {
    const at = [BASE_NS - HOUR - 1n, BASE_NS - HOUR, BASE_NS + HOUR - 1n, BASE_NS + HOUR];
    await shell[Symbol.asyncDispose]();
    await open('2019');
    push([{ labels: '{a="b"}', entries: at.map((tsNs, index) => ({ tsNs, line: `${index}` })) }]);
    expect((await readAll()).map(({ line }) => line)).toEqual(['1', '2']);
    expect(await countLoki(window())).toBe(2);
  });

  it('pages past 5,000 entries, with page borders between entries of equal time', async () => {
    const wanted: string[] = [];
    for (const app of ['a', 'b']) {
      const entries = Array.from({ length: 9_001 }, (_, index) => {
        wanted.push(`${app} ${index}`);
        return { tsNs: BASE_NS + BigInt(Math.floor(index / 7)), line: `${app} ${index}` };
      });
      push([{ labels: `{app="${app}"}`, entries }]);
    }
    const entries = await readAll();
    expect(entries.map(({ line }) => String(line)).sort()).toEqual(wanted.sort());
  });

  it('keeps legitimate repeats in 2019, also over the border of a page', async () => {
    await shell[Symbol.asyncDispose]();
    await open('2019');
    const lines = Array.from({ length: 12_000 }, (_, index) => ({
      tsNs: BASE_NS + BigInt(Math.floor(index / 999)),
      line: '',
    }));
    push([{ labels: '{app="a"}', entries: lines }]);
    expect(await readAll()).toHaveLength(12_000);
    expect(await countLoki(window())).toBe(12_000);
  });

  it('reads more lines of one moment than a page holds, by the ids in them', async () => {
    await shell[Symbol.asyncDispose]();
    await open('2019');
    const lines = Array.from({ length: 51_003 }, (_, seq) => ({ tsNs: BASE_NS, line: `GET /${id(seq)} 200` }));
    const echoes = [
      { tsNs: BASE_NS, line: `${id(13)} ${id(27)}` },
      { tsNs: BASE_NS, line: '' },
      { tsNs: BASE_NS, line: '' },
    ];
    push([{ labels: '{app="a"}', entries: [...lines, ...echoes, { tsNs: BASE_NS + 1n, line: 'after' }] }]);
    const entries = await readAll();
    const wanted = [...lines, ...echoes].map(({ line }) => line);
    expect(entries.map(({ line }) => String(line)).sort()).toEqual([...wanted, 'after'].sort());
  });

  it('does not hide from the count what is stored twice', async () => {
    const filler = [1n, 2n].map((step) => ({ tsNs: BASE_NS + step, line: `${step}`.padEnd(140_000, '.') }));
    const first = { labels: '{app="a"}', entries: [{ tsNs: BASE_NS, line: 'x' }] };
    push([first]);
    push([{ labels: '{app="a"}', entries: filler }]);
    push([first]);
    expect(await readAll()).toHaveLength(3);
    expect(await countLoki(window())).toBe(4);
  });

  it('tells which sink failed and how', async () => {
    const gone = shell.url;
    await shell[Symbol.asyncDispose]();
    await expect(countLoki({ ...window(), url: gone })).rejects.toMatchObject({ code: 'E_SINK_READ' });
    await expect(waitLokiReady({ url: gone, withinMs: 60 })).rejects.toMatchObject({ code: 'E_SINK_NOT_READY' });
    await open('3.7');
    await expect(countLoki({ ...window(), url: `${shell.url}/nowhere` })).rejects.toThrow('404');
    await waitLokiReady({ url: shell.url, withinMs: 1_000 });
  });

  it('stops when it is told to', async () => {
    push([{ labels: '{app="a"}', entries: [{ tsNs: BASE_NS, line: 'x' }] }]);
    const reading = readLoki({ ...window(), signal: AbortSignal.abort(new Error('enough')) });
    await expect(reading[Symbol.asyncIterator]().next()).rejects.toThrow('enough');
  });
});
