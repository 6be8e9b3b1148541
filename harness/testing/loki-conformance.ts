// What every Loki the harness reads from must do, over HTTP alone: run over the embedded sink in each version and,
// where there is a container engine, over the real one. The embedded sink is trusted because it passes what
// reality passes.
//
// A real one needs: no discovered labels or levels, query_ingesters_within 0, limits at their defaults.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeSnappy, type TestEntry, type TestStream } from './loki-push.ts';
import { addRowsOf16 } from './loki-rows/of-16.ts';
import { addRowsOf37 } from './loki-rows/of-37.ts';
import { addRowsOf2019 } from './loki-rows/of-2019.ts';
import { addPushRows } from './loki-rows/pushes.ts';
import { addQueryRows } from './loki-rows/queries.ts';
import { addRefusalRows } from './loki-rows/refusals.ts';
import { type LokiSuite, PROTOBUF, type SuiteVersion, V1 } from './loki-rows/suite.ts';

/** The Loki to be tried. */
export interface LokiUnderTest {
  name: string;
  version: SuiteVersion;
  /** Starts it; it is ready when this resolves. */
  start(): Promise<{ url: string } & AsyncDisposable>;
}

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

    const suite: LokiSuite = {
      ...{ version, post, get, stream, push, list, listed, count, test },
      get url() {
        return loki.url;
      },
      get baseNs() {
        return baseNs;
      },
      get group() {
        return group;
      },
    };
    addPushRows(suite);
    addQueryRows(suite);
    addRefusalRows(suite);
    if (version === '2019') addRowsOf2019(suite);
    else if (version === '1.6') addRowsOf16(suite);
    else addRowsOf37(suite);
  });
}
