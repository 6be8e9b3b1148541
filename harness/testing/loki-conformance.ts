// What every Loki the harness reads from must do, over HTTP alone: run over the embedded sink in each version and,
// where there is a container engine, over the real one. The embedded sink is trusted because it passes what
// reality passes.
//
// A real one needs: no discovered labels or levels, query_ingesters_within 0, limits at their defaults.

import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sleep } from '../core/real-clock.ts';
import {
  encodeJson,
  encodeLegacyJson,
  encodeProtobuf,
  encodeSnappy,
  type TestEntry,
  type TestStream,
} from './loki-push.ts';

/** The Loki to be tried. */
export interface LokiUnderTest {
  name: string;
  version: '3.7' | '1.6' | '2019';
  /** Starts it; it is ready when this resolves. */
  start(): Promise<{ url: string } & AsyncDisposable>;
}

const V1 = '/loki/api/v1/push';
const JSON_TYPE = { 'content-type': 'application/json' };
const PROTOBUF = { 'content-type': 'application/x-protobuf' };
const MIB = 1_048_576;
/** Time for a rate bucket of 4 MiB/s to fill again after a large push. */
const REFILL_MS = 1_600;

/** Registers the suite with vitest. */
export function lokiConformance({ name, version, start }: LokiUnderTest): void {
  describe(`${name} (Loki ${version})`, () => {
    let loki: { url: string } & AsyncDisposable;
    let baseNs = 0n;
    let group = 0;
    beforeAll(async () => {
      loki = await start();
      // Whole seconds, a minute ago: nothing is in the future, nothing too old.
      baseNs = BigInt(Math.floor(Date.now() / 1_000) - 60) * 1_000_000_000n;
    });
    afterAll(() => loki[Symbol.asyncDispose]());

    const post = async (path: string, body: Buffer | string, headers: Record<string, string>) => {
      const response = await fetch(`${loki.url}${path}`, { method: 'POST', body: body as never, headers });
      return { status: response.status, text: await response.text(), type: response.headers.get('content-type') ?? '' };
    };
    const get = async (path: string, params: Record<string, string> = {}) => {
      const response = await fetch(`${loki.url}${path}?${new URLSearchParams(params)}`);
      return { status: response.status, text: await response.text() };
    };
    /** A stream of this test alone. */
    const stream = (...entries: (string | TestEntry)[]): TestStream => ({
      labels: `{suite="larsen-${group}"}`,
      entries: entries.map((entry, index) =>
        typeof entry === 'string' ? { tsNs: baseNs + BigInt(index), line: entry } : entry,
      ),
    });
    const push = (...streams: TestStream[]) => post(V1, encodeSnappy(streams), PROTOBUF);
    const list = async (params: Record<string, string> = {}, query = `{suite="larsen-${group}"}`) => {
      const window = { start: String(baseNs), end: String(baseNs + 60_000_000_000n) };
      const answer = await get('/loki/api/v1/query_range', {
        query,
        limit: '5000',
        direction: 'forward',
        ...window,
        ...params,
      });
      expect(answer.status, answer.text).toBe(200);
      const { data } = JSON.parse(answer.text) as { data: { result: { values: [string, string][] }[] } };
      return data.result.flatMap(({ values }) => values);
    };
    const listed = async (params: Record<string, string> = {}) => (await list(params)).map(([, line]) => line);
    const count = async (query: string) => {
      const answer = await get('/loki/api/v1/query', { query, time: String(baseNs + 59_000_000_000n) });
      expect(answer.status, answer.text).toBe(200);
      const { data } = JSON.parse(answer.text) as { data: { result: { value: [number, string] }[] } };
      return data.result.map(({ value }) => value[1]);
    };
    const test = (title: string, run: () => Promise<void>) =>
      it(title, async () => {
        group++;
        await run();
      });

    test('is ready, and lists what it acknowledged with 204 at once', async () => {
      expect(await get('/ready')).toMatchObject({ status: 200, text: 'ready\n' });
      const answer = await push(stream('one', 'two'));
      expect(answer).toMatchObject({ status: 204, text: '' });
      expect(await list()).toEqual([
        [String(baseNs), 'one'],
        [String(baseNs + 1n), 'two'],
      ]);
    });

    test('takes both JSON shapes, each at its path', async () => {
      const v1 = encodeJson([{ stream: { suite: `larsen-${group}` }, entries: [{ tsNs: baseNs, line: 'v1 "é" \\' }] }]);
      const legacy = encodeLegacyJson([stream({ tsNs: baseNs + 1n, line: 'legacy' })]);
      expect((await post(V1, v1, JSON_TYPE)).status).toBe(204);
      expect((await post('/api/prom/push', legacy, JSON_TYPE)).status).toBe(204);
      expect(await listed()).toEqual(['v1 "é" \\', 'legacy']);
    });

    test('shows bytes that are not UTF-8 as U+FFFD', async () => {
      await push(stream({ tsNs: baseNs, line: Buffer.from([0x61, 0xff, 0x62]) }));
      expect(await listed()).toEqual(['a\ufffdb']);
    });

    test('keeps different lines of equal time', async () => {
      const entries = ['a', 'b', 'c'].map((line) => ({ tsNs: baseNs, line }));
      expect((await push(stream(...entries))).status).toBe(204);
      expect((await listed()).sort()).toEqual(['a', 'b', 'c']);
    });

    test('has an inclusive start, an exclusive end, both directions, and pages', async () => {
      await push(stream('0', '1', '2', '3'));
      const at = (step: bigint) => String(baseNs + step);
      expect(await listed({ start: at(1n), end: at(3n) })).toEqual(['1', '2']);
      expect(await listed({ start: at(0n), end: at(4n), direction: 'backward', limit: '2' })).toEqual(['3', '2']);
      expect(await listed({ start: at(0n), end: at(4n), limit: '2' })).toEqual(['0', '1']);
      const tooMany = await get('/loki/api/v1/query_range', { query: '{suite="x"}', limit: '5001' });
      expect(tooMany.status).toBe(400);
    });

    test('counts entries and bytes; nothing is an empty result', async () => {
      await push(stream('four', 'seven77'));
      const selector = `{suite="larsen-${group}"}`;
      expect(await count(`sum(count_over_time(${selector}[5m]))`)).toEqual(['2']);
      expect(await count(`sum(bytes_over_time(${selector}[5m]))`)).toEqual(['11']);
      expect(await count('sum(count_over_time({suite="none"}[5m]))')).toEqual([]);
    });

    test('names its labels, and selects streams by label, absence of a label and text', async () => {
      const suite = `larsen-${group}`;
      await push(
        { labels: `{suite="${suite}", extra="e"}`, entries: [{ tsNs: baseNs, line: 'with' }] },
        { labels: `{suite="${suite}"}`, entries: [{ tsNs: baseNs, line: 'without' }] },
      );
      const window = { start: String(baseNs - 1n), end: String(baseNs + 60_000_000_000n) };
      const { data } = JSON.parse((await get('/loki/api/v1/labels', window)).text) as { data: string[] };
      expect(data).toEqual(expect.arrayContaining(['suite', 'extra']));
      const lines = async (query: string) => (await list({}, query)).map(([, line]) => line);
      expect(await lines(`{suite="${suite}", extra=~".+"}`)).toEqual(['with']);
      expect(await lines(`{suite="${suite}", extra=""}`)).toEqual(['without']);
      expect(
        (await lines(`{suite="${suite}"} |~ "with$"`)).concat(await lines(`{suite="${suite}"} !~ "with$"`)),
      ).toEqual(['with', 'without']);
    });

    test('takes labels in any order as one stream, and counts by label', async () => {
      const suite = `larsen-${group}`;
      await push({ labels: `{suite="${suite}", part="a"}`, entries: [{ tsNs: baseNs, line: '1' }] });
      await push({ labels: `{part="a",suite="${suite}"}`, entries: [{ tsNs: baseNs + 1n, line: '2' }] });
      await push({ labels: `{suite="${suite}", part="b"}`, entries: [{ tsNs: baseNs, line: '3' }] });
      const query = `sum by (part) (count_over_time({suite="${suite}"}[5m]))`;
      expect((await count(query)).sort()).toEqual(['1', '2']);
      const window = { start: String(baseNs - 1n), end: String(baseNs + 60_000_000_000n) };
      const { data } = JSON.parse((await get('/loki/api/v1/label/part/values', window)).text) as { data: string[] };
      expect(data).toEqual(['a', 'b']);
    });

    test('gives every line to a reader that pages, with more equal times than a page holds', async () => {
      const entries = Array.from({ length: 25 }, (_, index) => ({
        tsNs: baseNs + BigInt(Math.floor(index / 5)),
        line: `line ${index}`,
      }));
      await push(stream(...entries));
      const seen = new Set<string>();
      for (let start = baseNs, page = 0; page < 20; page++) {
        const values = await list({ start: String(start), limit: '8' });
        const before = seen.size;
        for (const [, line] of values) seen.add(line);
        if (values.length < 8) break;
        // The start is inclusive: lines of the last time come again, and a page of one time only says nothing new.
        const lastNs = BigInt(values.at(-1)![0]);
        start = seen.size === before ? lastNs + 1n : lastNs;
      }
      expect([...seen].sort()).toEqual(entries.map(({ line }) => line).sort());
    });

    test('counts in a window that is open on the left and closed on the right', async () => {
      await push(stream({ tsNs: baseNs, line: 'a' }, { tsNs: baseNs + 10_000_000_000n, line: 'b' }));
      const at = async (time: bigint) => {
        const query = `sum(count_over_time({suite="larsen-${group}"}[10s]))`;
        const answer = await get('/loki/api/v1/query', { query, time: String(time) });
        const { data } = JSON.parse(answer.text) as { data: { result: { value: [number, string] }[] } };
        return data.result[0]?.value[1] ?? 'none';
      };
      const steps = [0n, 9n, 10n, 19n, 20n].map((second) => at(baseNs + second * 1_000_000_000n));
      // In 1.6 both ends are open: measured on the real one.
      const expected = version === '1.6' ? ['none', '1', 'none', '1', 'none'] : ['1', '1', '1', '1', 'none'];
      expect(await Promise.all(steps)).toEqual(expected);
    });

    test('is not moved by a tenant header while it has one tenant', async () => {
      const headers = { ...PROTOBUF, 'x-scope-orgid': 'someone' };
      expect((await post(V1, encodeSnappy([stream('x')]), headers)).status).toBe(204);
      expect(await listed()).toEqual(['x']);
    });

    test('refuses what is no push with 400', async () => {
      expect((await post(V1, 'no snappy', PROTOBUF)).status).toBe(400);
      expect((await post(V1, '{"streams":', JSON_TYPE)).status).toBe(400);
      expect((await push({ ...stream('x'), labels: '{a=}' })).status).toBe(400);
      expect(await list()).toEqual([]);
    });

    test('refuses a message over 4 MiB with 500 and tells its size, whatever the body', async () => {
      const big = stream(...Array.from({ length: 24 }, (_, index) => `${index}`.padEnd(200_000, '.')));
      const text =
        /^rpc error: code = ResourceExhausted desc = grpc: received message larger than max \((\d+) vs\. 4194304\)\n$/;
      for (const [path, body, type] of [
        [V1, encodeSnappy([big]), PROTOBUF],
        ['/api/prom/push', encodeLegacyJson([big]), JSON_TYPE],
      ] as const) {
        const answer = await post(path, body, type);
        expect(answer).toMatchObject({ status: 500, text: expect.stringMatching(text) });
        // Newer versions add a hash of at most eleven bytes to the one stream, and a byte to its length.
        const size = Number(text.exec(answer.text)?.[1]);
        expect(size - encodeProtobuf([big]).length).toBeGreaterThanOrEqual(0);
        expect(size - encodeProtobuf([big]).length).toBeLessThanOrEqual(12);
        await sleep(REFILL_MS);
      }
      expect(await list()).toEqual([]);
    });

    if (version === '2019') {
      test('stores a repeated entry, refuses an older one', async () => {
        await push(stream({ tsNs: baseNs + 5n, line: 'x' }));
        await push(stream({ tsNs: baseNs + 5n, line: 'x' }));
        expect(await listed()).toEqual(['x', 'x']);
        const late = await push(stream({ tsNs: baseNs, line: 'old' }));
        expect(late).toMatchObject({ status: 400, text: `entry out of order for stream: {suite="larsen-${group}"}\n` });
      });
      return;
    }
    if (version === '1.6') {
      test('stores a repeated entry once, refuses an older one and stores the rest of its push', async () => {
        await push(stream({ tsNs: baseNs + 5n, line: 'x' }));
        await push(stream({ tsNs: baseNs + 5n, line: 'x' }));
        expect(await listed()).toEqual(['x']);
        const late = await push(
          stream({ tsNs: baseNs, line: 'old' }, { tsNs: baseNs + 5n, line: 'y' }, { tsNs: baseNs + 6n, line: 'z' }),
        );
        expect(late.status).toBe(400);
        expect(late.text).toMatch(/entry with timestamp .* ignored, reason: 'entry out of order' for stream: \{suite=/);
        expect(late.text).toMatch(/total ignored: 1 out of 3\n$/);
        expect(await listed()).toEqual(['x', 'y', 'z']);
      });

      test('refuses more than its burst with 429, all of it', async () => {
        await sleep(REFILL_MS);
        const big = stream(...Array.from({ length: 32 }, (_, index) => `${index}`.padEnd(220_000, '.')));
        const answer = await push(big);
        expect(answer.status).toBe(429);
        expect(answer.text).toMatch(
          /^Ingestion rate limit exceeded \(limit: 4194304 bytes\/sec\) while attempting to ingest '32' lines totaling '7040000' bytes, reduce log volume or contact your Loki administrator to see if the limit can be increased\n$/,
        );
        expect(await list()).toEqual([]);
      });
      return;
    }

    test('asks for a content type, knows gzip and no zstd', async () => {
      const body = encodeJson([{ stream: { suite: `larsen-${group}` }, entries: [{ tsNs: baseNs, line: 'x' }] }]);
      const gzip = { ...JSON_TYPE, 'content-encoding': 'gzip' };
      expect((await post(V1, gzipSync(body), gzip)).status).toBe(204);
      expect(await post(V1, body, { 'content-type': '' })).toMatchObject({
        status: 400,
        text: 'mime: no media type\n',
      });
      const zstd = await post(V1, body, { ...JSON_TYPE, 'content-encoding': 'zstd' });
      expect(zstd).toMatchObject({ status: 400, text: 'Content-Encoding "zstd" not supported\n' });
      expect(zstd.type).toMatch(/^text\/plain/);
    });

    test('answers 422 when there is no stream', async () => {
      const text = 'error at least one valid stream is required for ingestion\n';
      expect(await post(V1, '{"streams":[]}', JSON_TYPE)).toMatchObject({ status: 422, text });
    });

    test('refuses a long line with 400 and stores the others', async () => {
      const answer = await push(stream('short', 'x'.repeat(262_145), 'also short'));
      const text = `max entry size '262144' bytes exceeded for stream '{suite="larsen-${group}"}' while adding an entry with length '262145' bytes\n`;
      expect(answer).toMatchObject({ status: 400, text });
      expect(await listed()).toEqual(['short', 'also short']);
    });

    test('drops a repeated entry silently', async () => {
      for (let time = 0; time < 3; time++) expect((await push(stream('x', 'y'))).status).toBe(204);
      expect(await listed()).toEqual(['x', 'y']);
      expect(await count(`sum(count_over_time({suite="larsen-${group}"}[5m]))`)).toEqual(['2']);
    });

    test('refuses entries without labels, too old or too new', async () => {
      const at = async (tsNs: bigint) => (await push(stream({ tsNs, line: 'x' }))).text;
      expect((await push({ ...stream('x'), labels: '{}' })).text).toBe(
        'error at least one label pair is required per stream\n',
      );
      expect(await at(baseNs - 700_000_000_000_000n)).toMatch(
        /^entry for stream '.*' has timestamp too old: \S+Z, oldest acceptable timestamp is: \S+Z\n$/,
      );
      expect(await at(baseNs + 7_200_000_000_000n)).toMatch(/^entry for stream '.*' has timestamp too new: \S+Z\n$/);
    });

    test('refuses log selectors as instant queries', async () => {
      const answer = await get('/loki/api/v1/query', { query: '{suite=~".+"}' });
      const text =
        'log queries are not supported as an instant query type, please change your query to a range query type\n';
      expect(answer).toEqual({ status: 400, text });
    });

    test('keeps metadata apart when asked to', async () => {
      await push(stream({ tsNs: baseNs, line: 'x', metadata: { trace: 't' } }));
      const params = { query: `{suite="larsen-${group}"}`, start: String(baseNs), end: String(baseNs + 10n) };
      const headers = { 'X-Loki-Response-Encoding-Flags': 'categorize-labels' };
      const response = await fetch(`${loki.url}/loki/api/v1/query_range?${new URLSearchParams(params)}`, { headers });
      const { data } = (await response.json()) as { data: { result: unknown[] } };
      expect(data.result).toEqual([
        {
          stream: { suite: `larsen-${group}` },
          values: [[String(baseNs), 'x', { structuredMetadata: { trace: 't' } }]],
        },
      ]);
    });

    test('refuses more than its burst with 429, all of it', async () => {
      await sleep(REFILL_MS);
      const big = stream(...Array.from({ length: 32 }, (_, index) => `${index}`.padEnd(220_000, '.')));
      const bytes = 32 * 220_000;
      expect(await push(big)).toMatchObject({
        status: 429,
        text: `ingestion rate limit exceeded for user fake (limit: ${4 * MIB} bytes/sec) while attempting to ingest '32' lines totaling '${bytes}' bytes, reduce log volume or contact your Loki administrator to see if the limit can be increased\n`,
      });
      expect(await list()).toEqual([]);
    });
  });
}
