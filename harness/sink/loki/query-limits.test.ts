// The limits on queries, row by row, and what the index knows.

import { describe, expect, it } from 'vitest';
import { encodeSnappy } from '../../testing/loki-push.ts';
import { createLokiCore, type LokiCore, type LokiResponse } from './core.ts';
import { formatGoDuration, formatModelDuration } from './duration.ts';
import type { InternalLimits } from './internal-limits.ts';
import { defaultLimits, type LokiVersion } from './version.ts';

const NOW_NS = 1_790_000_000_000_000_000n;
const HOUR = 3_600_000_000_000n;
const ALL = '{app=~".+"}';

function create(internal: Partial<InternalLimits> = {}, version: LokiVersion = '3.7'): LokiCore {
  return createLokiCore({ version, limits: defaultLimits(version), internal });
}

function push(core: LokiCore, ...apps: string[]): void {
  const streams = apps.map((app) => ({ labels: `{app="${app}"}`, entries: [{ tsNs: NOW_NS, line: 'hello' }] }));
  core.handle({
    ...{ method: 'POST', path: '/loki/api/v1/push', headers: { 'content-type': 'application/x-protobuf' } },
    ...{ body: encodeSnappy(streams), nowNs: NOW_NS },
  });
}

function get(core: LokiCore, path: string, params: Record<string, string>): LokiResponse {
  const search = new URLSearchParams(params).toString();
  return core.handle({ method: 'GET', path: `${path}?${search}`, headers: {}, body: Buffer.alloc(0), nowNs: NOW_NS });
}

const window = (fromNs: bigint, toNs: bigint) => ({ start: String(fromNs), end: String(toNs) });

describe('max_query_length', () => {
  const text = 'the query time range exceeds the limit (query length: 721h0m0.000000001s, limit: 30d1h)\n';

  it.each([
    ['a listing', '/loki/api/v1/query_range', { query: ALL, ...window(NOW_NS - 721n * HOUR, NOW_NS + 1n) }],
    [
      'counts in steps',
      '/loki/api/v1/query_range',
      { query: `count_over_time(${ALL}[1h])`, step: '24h', ...window(NOW_NS - 720n * HOUR, NOW_NS + 1n) },
    ],
    ['the index', '/loki/api/v1/index/stats', { query: ALL, ...window(NOW_NS - 721n * HOUR, NOW_NS + 1n) }],
  ])('of %s is 721 hours', (_what, path, params) => {
    expect(get(create(), path, params)).toMatchObject({ status: 400, body: text });
    const shorter = { ...params, end: String(NOW_NS) };
    expect(get(create(), path, shorter).status).toBe(200);
  });

  it('of a count at one moment is its range', () => {
    const query = (hours: number): Record<string, string> => ({ query: `sum(count_over_time(${ALL}[${hours}h]))` });
    expect(get(create(), '/loki/api/v1/query', query(722))).toMatchObject({
      status: 400,
      body: 'the query time range exceeds the limit (query length: 722h0m0s, limit: 30d1h)\n',
    });
    expect(get(create(), '/loki/api/v1/query', query(721)).status).toBe(200);
  });

  it('is not there in 2019', () => {
    const params = { query: ALL, ...window(0n, NOW_NS) };
    expect(get(create({}, '2019'), '/loki/api/v1/query_range', params).status).toBe(200);
  });
});

describe('max_query_series', () => {
  it('refuses a count by more streams, and takes it summed', () => {
    const core = create({ querySeriesMax: 2 });
    push(core, 'a', 'b', 'c');
    const refused = get(core, '/loki/api/v1/query', { query: `count_over_time(${ALL}[1h])` });
    expect(refused).toMatchObject({
      status: 400,
      body: 'maximum number of series (2) reached for a single query\n',
    });
    expect(get(core, '/loki/api/v1/query', { query: `sum(count_over_time(${ALL}[1h]))` }).status).toBe(200);
    expect(get(core, '/loki/api/v1/query', { query: 'count_over_time({app=~"a|b"}[1h])' }).status).toBe(200);
  });

  it('is 500', () => {
    const core = create();
    push(core, ...Array.from({ length: 501 }, (_, n) => `a${n}`));
    expect(get(core, '/loki/api/v1/query', { query: `count_over_time(${ALL}[1h])` }).body).toContain('(500)');
  });
});

it('max_entries_limit_per_query is 5,000', () => {
  const ask = (limit: number): LokiResponse =>
    get(create(), '/loki/api/v1/query_range', { query: ALL, limit: `${limit}` });
  expect(ask(5_000).status).toBe(200);
  expect(ask(5_001)).toMatchObject({
    status: 400,
    body: 'max entries limit per query exceeded, limit > max_entries_limit_per_query (5001 > 5000)\n',
  });
});

describe('index/stats', () => {
  const stats = (core: LokiCore): unknown =>
    JSON.parse(get(core, '/loki/api/v1/index/stats', { query: ALL, ...window(NOW_NS - HOUR, NOW_NS + 1n) }).body);

  it('leaves out what is in memory, and tells of chunks once they are flushed', () => {
    const core = create();
    push(core, 'a', 'b');
    expect(stats(core)).toEqual({ streams: 0, chunks: 0, entries: 0, bytes: 0 });
    get(core, '/flush', {});
    expect(stats(core)).toEqual({ streams: 2, chunks: 2, entries: 2, bytes: 10 });
    push(core, 'c');
    expect(stats(core)).toMatchObject({ streams: 2 });
  });
});

it('durations are printed as Go and Prometheus do', () => {
  const S = 1_000_000_000n;
  expect([0n, 1n, 1_500n, 250_000_000n, S, 90n * S, 3_600n * S].map(formatGoDuration)).toEqual([
    ...['0s', '1ns', '1.5µs', '250ms', '1s', '1m30s', '1h0m0s'],
  ]);
  expect([0n, S, 86_400n * S, 604_800n * S, 721n * 3_600n * S].map(formatModelDuration)).toEqual([
    ...['0s', '1s', '1d', '1w', '30d1h'],
  ]);
});
