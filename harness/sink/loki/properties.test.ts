import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { compressSync } from 'snappy';
import { describe, expect, it } from 'vitest';
import { encodeJson, encodeProtobuf, encodeSnappy, type TestStream } from '../../testing/loki-push.ts';
import { createLokiCore, type LokiCore } from './core.ts';
import { defaultLimits, type LokiVersion } from './version.ts';

const NOW_NS = 1_790_000_000_000_000_000n;
const HOUR = 3_600_000_000_000n;

const entry = fc.record({
  tsNs: fc.integer({ min: 0, max: 40 }).map((step) => NOW_NS - BigInt(step)),
  line: fc.constantFrom('a', 'b', 'c', 'longer than eight', ''),
});
const streams: fc.Arbitrary<TestStream[]> = fc.array(
  fc.record({ labels: fc.constantFrom('{app="a"}', '{app="b", x="1"}', '{app="c"'), entries: fc.array(entry) }),
  { maxLength: 4 },
);

function createCore(version: LokiVersion, lineMaxBytes: number): LokiCore {
  return createLokiCore({ version, limits: { ...defaultLimits(version), lineMaxBytes } });
}

function post(core: LokiCore, body: Buffer, headers: Record<string, string> = { 'content-type': 'x/p' }): number {
  return core.handle({ method: 'POST', path: '/loki/api/v1/push', headers, body, nowNs: NOW_NS }).status;
}

interface Listed {
  status: number;
  rows: string[];
  last: string | undefined;
}

function list(core: LokiCore, params: Record<string, string>): Listed {
  const window = { start: String(NOW_NS - HOUR), end: String(NOW_NS + HOUR) };
  const search = new URLSearchParams({ query: '{app=~".+"}', ...window, limit: '5000', ...params });
  const path = `/loki/api/v1/query_range?${search}`;
  const { status, body } = core.handle({ method: 'GET', path, headers: {}, body: Buffer.alloc(0), nowNs: NOW_NS });
  const { data } = JSON.parse(body) as { data: { result: { stream: { app: string }; values: [string, string][] }[] } };
  const all = data.result.flatMap(({ stream, values }) =>
    values.map(([time, line]) => ({ time, row: `${stream.app} ${time} ${line}` })),
  );
  return {
    status,
    rows: all.map(({ row }) => row).sort(),
    last: all
      .map(({ time }) => time)
      .sort()
      .at(-1),
  };
}

const rowOf = (labels: string, tsNs: bigint, line: unknown): string => `${/"(.)"/.exec(labels)?.[1]} ${tsNs} ${line}`;

describe('the embedded Loki', () => {
  it.each(['3.7', '2019'] as const)(
    '%s: stored ⊆ pushed, and what is neither refused nor repeated is stored',
    (version) => {
      fc.assert(
        fc.property(fc.array(streams, { maxLength: 5 }), (pushes) => {
          const core = createCore(version, 8);
          const pushed = new Set<string>();
          const wanted = new Set<string>();
          for (const push of pushes) {
            post(core, encodeSnappy(push));
            for (const { labels, entries } of push) {
              for (const { tsNs, line } of entries) {
                pushed.add(rowOf(labels, tsNs, line));
                if (labels.endsWith('}') && line.length <= 8) wanted.add(rowOf(labels, tsNs, line));
              }
            }
          }
          const { rows } = list(core, {});
          for (const row of rows) expect(pushed).toContain(row);
          if (version === '3.7') expect(rows).toEqual([...wanted].sort());
        }),
      );
    },
  );

  it('the union of overlapping pages = one long page', () => {
    fc.assert(
      fc.property(fc.array(streams, { maxLength: 4 }), fc.integer({ min: 1, max: 7 }), (pushes, limit) => {
        const core = createCore('3.7', 100);
        for (const push of pushes) post(core, encodeSnappy(push));
        const rows = new Set<string>();
        let start = NOW_NS - HOUR;
        for (;;) {
          // A moment with more entries than a page is read with a page of its own.
          const page = list(core, { start: String(start), limit: String(limit), direction: 'forward' });
          for (const row of page.rows) rows.add(row);
          if (page.rows.length < limit) break;
          const last = BigInt(page.last!);
          const moment = list(core, { start: String(last), end: String(last + 1n) });
          for (const row of moment.rows) rows.add(row);
          start = last + 1n;
        }
        expect([...rows].sort()).toEqual(list(core, { start: String(NOW_NS - HOUR) }).rows);
      }),
      { numRuns: 50 },
    );
  });

  it('counts = entries listed, where nothing is hidden', () => {
    fc.assert(
      fc.property(fc.array(streams, { maxLength: 5 }), (pushes) => {
        const core = createCore('2019', 100);
        for (const push of pushes) post(core, encodeSnappy(push));
        const search = new URLSearchParams({ query: 'sum(count_over_time({app=~".+"}[2h]))', time: String(NOW_NS) });
        const { body } = core.handle({
          method: 'GET',
          path: `/loki/api/v1/query?${search}`,
          headers: {},
          body: Buffer.alloc(0),
          nowNs: NOW_NS,
        });
        const count = Number(
          (JSON.parse(body) as { data: { result: { value: [number, string] }[] } }).data.result[0]?.value[1] ?? 0,
        );
        expect(count).toBe(list(core, {}).rows.length);
        expect(count).toBe(core.entryCount);
      }),
    );
  });

  it('answers any body with a status, and keeps nothing of a torn one', () => {
    const good = [{ labels: '{app="a"}', entries: [{ tsNs: NOW_NS, line: 'x' }] }];
    const whole = fc.constantFrom(
      encodeProtobuf(good),
      encodeSnappy(good),
      encodeJson([{ stream: { a: 'b' }, entries: good[0]!.entries }]),
    );
    const torn = fc
      .tuple(whole, fc.nat(), fc.uint8Array({ maxLength: 40 }))
      .map(([bytes, at, noise]) => Buffer.concat([bytes.subarray(0, at % bytes.length), Buffer.from(noise)]));
    const body = fc.oneof(
      torn,
      fc.uint8Array().map((bytes) => Buffer.from(bytes)),
      fc.json().map((text) => Buffer.from(text)),
      fc.json({ maxDepth: 3 }).map((text) => Buffer.from(`{"streams":[${text}]}`)),
    );
    const wrapped = fc
      .tuple(body, fc.constantFrom(compressSync, gzipSync, Buffer.from))
      .map(([bytes, wrap]) => wrap(bytes) as Buffer);
    const type = fc.constantFrom('application/json', 'application/x-protobuf', 'x', '');
    fc.assert(
      fc.property(
        wrapped,
        type,
        fc.constantFrom('', 'gzip', 'deflate', 'snappy', 'br'),
        fc.constantFrom('3.7', '2019'),
        (bytes, contentType, encoding, version) => {
          const core = createCore(version as LokiVersion, 100);
          for (const path of ['/loki/api/v1/push', '/api/prom/push']) {
            const headers = { 'content-type': contentType, 'content-encoding': encoding };
            const { status } = core.handle({ method: 'POST', path, headers, body: bytes, nowNs: NOW_NS });
            expect([204, 400, 413, 422, 429]).toContain(status);
            if (status === 400 || status === 422) expect(core.entryCount).toBe(0);
          }
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('answers any query with a status', () => {
    const text = fc.oneof(
      fc.string(),
      fc
        .array(
          fc.constantFrom(
            '{',
            '}',
            'app',
            '=~',
            '"',
            '.+',
            '"a"',
            '[',
            '5m',
            ']',
            'sum',
            '(',
            ')',
            'count_over_time',
            'by',
            '|=',
            '-1',
            ',',
          ),
        )
        .map((words) => words.join('')),
    );
    const params = fc.record(
      { query: text, start: text, end: text, limit: text, step: text, since: text },
      { requiredKeys: [] },
    );
    const core = createCore('3.7', 100);
    post(core, encodeSnappy([{ labels: '{app="a"}', entries: [{ tsNs: NOW_NS, line: 'x' }] }]));
    const paths = [
      '/loki/api/v1/query_range',
      '/loki/api/v1/query',
      '/loki/api/v1/labels',
      '/api/prom/query',
      '/loki/api/v1/series',
      '/loki/api/v1/label/%00/values',
    ];
    fc.assert(
      fc.property(fc.constantFrom(...paths), params, (path, given) => {
        const search = new URLSearchParams(given as Record<string, string>);
        const { status } = core.handle({
          method: 'GET',
          path: `${path}?${search}`,
          headers: {},
          body: Buffer.alloc(0),
          nowNs: NOW_NS,
        });
        expect([200, 400]).toContain(status);
      }),
      { numRuns: 1_000 },
    );
  });
});
