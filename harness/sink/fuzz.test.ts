// Broken pushes crash neither the sink nor the recording hop: valid bodies of each format, and a committed corpus of
// hostile ones, with bytes changed, cut out, put in or doubled. LARSEN_FUZZ_RUNS sets how many; a plain test run takes few.

import { readFileSync } from 'node:fs';
import { deflateRawSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLineIdScanner, formatLineId } from '../model/line-id.ts';
import { encodeJson, encodeLegacyJson, encodeSnappy, type TestEntry } from '../testing/loki-push.ts';
import { encodeOtlpJson, encodeOtlpProtobuf } from '../testing/otlp-push.ts';
import { createLokiCore } from './loki/core.ts';
import { defaultLimits } from './loki/version.ts';
import { scanPush } from './recorder/scan.ts';

const RUNS = Number(process.env.LARSEN_FUZZ_RUNS ?? 300);
const NOW_NS = 1_795_000_000_000_000_000n;
const id = (seq: number): string => formatLineId({ run: 'abcdef', app: 'web', seq, canary: false, bytes: 60, crc: 0 });
const entries: TestEntry[] = [0, 1, 2].map((seq) => ({ tsNs: NOW_NS + BigInt(seq), line: `GET ${id(seq)} é\\"` }));
entries.push({ tsNs: NOW_NS, line: 'own', metadata: { trace: 'a' } });
const records = entries.map(({ tsNs, line }) => ({ timeNs: tsNs, body: String(line), attributes: { a: 'b' } }));
const resources = [
  { attributes: { 'service.name': 'web' }, scope: 's', records: [...records, { timeNs: 1n, body: { k: 'v' } }] },
];
const stream = { labels: '{app="web", b="c"}', entries };

interface Hostile {
  name: string;
  path: string;
  type: string;
  encoding: string;
  /** Base64. */
  body: string;
}

const HOSTILE = JSON.parse(readFileSync(new URL('testing/hostile-pushes.json', import.meta.url), 'utf8')) as Hostile[];

type Seed = [name: string, path: string, contentType: string, contentEncoding: string, body: Buffer];

const PUSH = '/loki/api/v1/push';
const SEEDS: Seed[] = [
  ['snappy', PUSH, 'application/x-protobuf', '', encodeSnappy([stream])],
  ['json', PUSH, 'application/json', '', encodeJson([{ stream: { app: 'web' }, entries }])],
  ['gzip', PUSH, 'application/json', 'gzip', gzipSync(encodeJson([{ stream: { app: 'web' }, entries }]))],
  ['deflate', PUSH, 'application/json', 'deflate', deflateRawSync(encodeJson([{ stream: { app: 'web' }, entries }]))],
  ['legacy json', '/api/prom/push', 'application/json', '', encodeLegacyJson([stream])],
  ['otlp', '/otlp/v1/logs', 'application/x-protobuf', '', encodeOtlpProtobuf(resources)],
  ['otlp json', '/otlp/v1/logs', 'application/json', '', encodeOtlpJson(resources)],
];

type Change = { at: number; kind: 'set' | 'cut' | 'insert' | 'double'; byte: number; length: number };

const changes: fc.Arbitrary<Change[]> = fc.array(
  fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    kind: fc.constantFrom<Change['kind']>('set', 'set', 'cut', 'insert', 'double'),
    byte: fc.integer({ min: 0, max: 255 }),
    length: fc.integer({ min: 1, max: 20 }),
  }),
  { minLength: 1, maxLength: 6 },
);

function mutate(seed: Buffer, by: Change[]): Buffer {
  let bytes = Buffer.from(seed);
  for (const { at, kind, byte, length } of by) {
    const from = Math.floor(at * bytes.length);
    if (kind === 'set' && bytes.length > 0) bytes[Math.min(from, bytes.length - 1)] = byte;
    const to = kind === 'cut' ? from + length : from;
    const middle =
      kind === 'insert'
        ? Buffer.alloc(length, byte)
        : kind === 'double'
          ? bytes.subarray(from, from + length)
          : Buffer.alloc(0);
    bytes = Buffer.concat([bytes.subarray(0, from), middle, bytes.subarray(to)]);
  }
  return bytes;
}

/** A refusal has words of Loki's; a crash would show those of JavaScript. */
const CRASH = /undefined|is not a function|Cannot |Invalid array|RangeError|TypeError|heap|stack size|out of range/;

const DEEP = 200_000;
const NESTED: Seed[] = [
  ['brackets', PUSH, 'application/json', '', Buffer.from('['.repeat(DEEP))],
  ['objects', PUSH, 'application/json', '', Buffer.from('{"streams":'.repeat(DEEP))],
  [
    ...(['values', PUSH, 'application/json', ''] as const),
    Buffer.from(`{"streams":[{"stream":{},"values":${'['.repeat(DEEP)}`),
  ],
  [
    ...(['OTLP lists', '/otlp/v1/logs', 'application/json', ''] as const),
    Buffer.from(`{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":${'{"arrayValue":{"values":['.repeat(DEEP)}`),
  ],
];

const hostile: Seed[] = HOSTILE.map(({ name, path, type, encoding, body }) => [
  ...([name, path, type, encoding] as const),
  Buffer.from(body, 'base64'),
]);

/** What the embedded Loki of a version answers. */
function answerOf(version: '3.7' | '2019', [, path, contentType, contentEncoding]: Seed, body: Buffer) {
  const core = createLokiCore({ version, limits: defaultLimits(version) });
  const headers = { 'content-type': contentType, ...(contentEncoding ? { 'content-encoding': contentEncoding } : {}) };
  return core.handle({ method: 'POST', path, headers, body, nowNs: NOW_NS });
}

function expectAnswer({ status, body }: { status: number; body: string }): void {
  expect([204, 400, 404, 413, 422, 429, 500, 503]).toContain(status);
  if (status >= 500) expect(body).toContain('rpc error');
  else if (status === 400) expect(body.replace(/'[^']*'|"[^"]*"/g, '')).not.toMatch(CRASH);
}

describe('hostile pushes', () => {
  it.each([...hostile, ...NESTED])('%s: are answered, and scanned', (...seed) => {
    const [, path, contentType, contentEncoding, body] = seed;
    for (const version of ['3.7', '2019'] as const) expectAnswer(answerOf(version, seed, body));
    const scanner = createLineIdScanner('abcdef', ['web']);
    const { facts } = scanPush(scanner, { body, contentType, contentEncoding, path, wrapper: { kind: 'auto' } });
    expect(facts.ids).toBe(0);
  });

  it('are answered in every mutation', () => {
    const scanner = createLineIdScanner('abcdef', ['web']);
    fc.assert(
      fc.property(fc.constantFrom(...hostile), changes, (seed, by) => {
        const [, path, contentType, contentEncoding] = seed;
        const body = mutate(seed[4], by);
        expectAnswer(answerOf('3.7', seed, body));
        scanPush(scanner, { body, contentType, contentEncoding, path, wrapper: { kind: 'auto' } });
      }),
      { numRuns: RUNS },
    );
  });
});

describe.each(SEEDS)('a broken push: %s', (_name, path, contentType, contentEncoding, seed) => {
  it('gets an answer from the embedded Loki, of both versions', () => {
    const cores = (['3.7', '2019'] as const).map((version) =>
      createLokiCore({ version, limits: defaultLimits(version) }),
    );
    // OTLP is a path that the older one does not have.
    const headers = {
      'content-type': contentType,
      ...(contentEncoding ? { 'content-encoding': contentEncoding } : {}),
    };
    fc.assert(
      fc.property(changes, (by) => {
        for (const core of cores) {
          const { status, body } = core.handle({
            method: 'POST',
            path,
            headers,
            body: mutate(seed, by),
            nowNs: NOW_NS,
          });
          expectAnswer({ status, body });
        }
      }),
      { numRuns: RUNS },
    );
  });

  it('is scanned by the recording hop, and no id is counted that the bytes do not hold', () => {
    const scanner = createLineIdScanner('abcdef', ['web']);
    fc.assert(
      fc.property(changes, (by) => {
        const input = { body: mutate(seed, by), contentType, contentEncoding, path };
        const { facts, seqs, canaries, bytes } = scanPush(scanner, { ...input, wrapper: { kind: 'auto' } });
        expect(facts.ids).toBe(scanner.count(bytes));
        expect(facts.appEntries + facts.ownEntries).toBe(facts.entries);
        if (facts.format === 'unknown') expect(seqs.length + canaries.length).toBeLessThanOrEqual(facts.ids);
      }),
      { numRuns: RUNS },
    );
  });
});

it('without changes every body is taken, and scanned as it is', () => {
  const scanner = createLineIdScanner('abcdef', ['web']);
  for (const [name, path, contentType, contentEncoding, body] of SEEDS) {
    const core = createLokiCore({ version: '3.7', limits: defaultLimits('3.7') });
    const headers = {
      'content-type': contentType,
      ...(contentEncoding ? { 'content-encoding': contentEncoding } : {}),
    };
    const answer = core.handle({ method: 'POST', path, headers, body, nowNs: NOW_NS });
    // The record at 1970 is too old.
    expect([name, answer.status]).toEqual([name, path.startsWith('/otlp') ? 400 : 204]);
    const { facts } = scanPush(scanner, { body, contentType, contentEncoding, path, wrapper: { kind: 'auto' } });
    expect([name, facts.ids, facts.appEntries]).toEqual([name, 3, 3]);
  }
});
