import { crc32, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LineWrapper } from '../../model/agent.ts';
import { createLineIdScanner, formatLineId } from '../../model/line-id.ts';
import {
  encodeJson,
  encodeLegacyJson,
  encodeProtobuf,
  encodeSnappy,
  type TestStream,
} from '../../testing/loki-push.ts';
import { encodeOtlpJson, encodeOtlpProtobuf } from '../../testing/otlp-push.ts';
import { longestBackslashRun } from './backslashes.ts';
import { type PushScan, scanPush } from './scan.ts';

const scanner = createLineIdScanner('r1a2b3', ['web', 'quiet']);
const id = (app: string, seq: number, canary = false) =>
  formatLineId({ run: 'r1a2b3', app, seq, canary, bytes: 7, crc: 9 });
const hex = (text: string) => crc32(Buffer.from(text)).toString(16).padStart(8, '0');

function scan(
  body: Buffer,
  contentType = 'application/x-protobuf',
  contentEncoding = '',
  wrapper: LineWrapper = { kind: 'auto' },
): PushScan {
  return scanPush(scanner, { body, contentType, contentEncoding, wrapper });
}

function stream(...lines: (string | Buffer)[]): TestStream {
  return { labels: '{app="x"}', entries: lines.map((line, index) => ({ tsNs: BigInt(index + 1), line })) };
}

describe('scanPush', () => {
  const lines = [
    `GET /${id('web', 1)} 200`,
    `tick ${id('quiet', 2)}`,
    `error: ${id('web', 3)} ${id('web', 4)}`,
    'starting up',
    '',
  ];
  const bodies: [string, Buffer, string, string][] = [
    ['protobuf', encodeSnappy([stream(...lines)]), 'application/x-protobuf', ''],
    ['protobuf', gzipSync(encodeSnappy([stream(...lines)])), 'x/y', 'gzip'],
    [
      'json',
      encodeJson([{ stream: { a: 'b' }, entries: stream(...lines).entries }]),
      'application/json; charset=utf-8',
      '',
    ],
    ['json', encodeLegacyJson([stream(...lines)]), 'application/json', ''],
    ['json', deflateRawSync(encodeLegacyJson([stream(...lines)])), 'application/json', 'deflate'],
    ['json', deflateSync(encodeLegacyJson([stream(...lines)])), 'application/json', 'deflate'],
  ];

  it.each(bodies)('tells app lines from own ones in %s', (format, body, contentType, encoding) => {
    const { facts, apps, seqs, companions } = scan(body, contentType, encoding);
    const bytesOf = (...texts: string[]) => texts.reduce((sum, text) => sum + text.length, 0);
    expect(facts).toMatchObject({
      format,
      entries: 5,
      lineBytes: bytesOf(...lines),
      appEntries: 2,
      appBytes: bytesOf(lines[0]!, lines[1]!),
      ownEntries: 3,
      ownBytes: bytesOf(lines[2]!, lines[3]!),
      ids: 4,
      anonymous: { [hex('starting up')]: [1, 11], [hex('')]: [1, 0] },
    });
    expect([apps, seqs, companions]).toEqual([
      [0, 1, 0, 0],
      [1, 2, 3, 4],
      [1, 1, 2, 2],
    ]);
  });

  it('counts a canary as an app line and keeps it apart from the records', () => {
    const { facts, apps, canaries } = scan(encodeSnappy([stream(id('web', 5, true), id('web', 5))]));
    expect(facts).toMatchObject({ appEntries: 2, ids: 2 });
    expect(apps).toEqual([0]);
    expect(canaries).toEqual([{ app: 0, seq: 5 }]);
  });

  it('records at most 64 ids of one entry, and counts all', () => {
    const { facts, companions } = scan(
      encodeSnappy([stream(Array.from({ length: 100 }, (_, seq) => id('web', seq)).join(' '))]),
    );
    expect(facts).toMatchObject({ ids: 100, ownEntries: 1, appEntries: 0 });
    expect(companions).toHaveLength(64);
    expect(new Set(companions)).toEqual(new Set([100]));
  });

  it('names ids whose app is none of ours', () => {
    const { facts, apps } = scan(encodeSnappy([stream(id('stranger', 1))]));
    expect(facts).toMatchObject({ foreign: [id('stranger', 1)], ids: 1, appEntries: 1 });
    expect(apps).toEqual([]);
  });

  it('unwraps anonymous lines, up to 32 kinds of up to 4 KiB', () => {
    const wrapped = (text: string) => JSON.stringify({ log: text, source: 'stdout' });
    const texts = Array.from({ length: 40 }, (_, index) => `kind ${index}`);
    const body = encodeSnappy([stream(...texts.map(wrapped), wrapped('kind 0'), 'x'.repeat(4_097))]);
    const { facts } = scan(body, 'x', '', { kind: 'json', key: 'log' });
    expect(Object.keys(facts.anonymous)).toHaveLength(33);
    expect(facts.anonymous[hex('kind 0')]).toEqual([2, 2 * wrapped('kind 0').length]);
    expect(facts.anonymous['*']?.[0]).toBe(8);
    expect(facts.ownEntries).toBe(42);
  });

  it('takes ids of what it cannot read one by one', () => {
    const torn = encodeProtobuf([stream(id('web', 1), id('web', 2))]).subarray(0, -3);
    for (const [body, type] of [
      [torn, 'x'],
      [Buffer.from(`{"index":{}}\n${id('web', 1)}\n${id('web', 2)}`), 'application/json'],
    ] as const) {
      const { facts, companions } = scan(body, type);
      expect(facts).toMatchObject({ format: 'unknown', entries: 0, appEntries: 0, ownEntries: 0, anonymous: {} });
      expect(facts.ids).toBe(companions.length);
      expect(companions.length).toBeGreaterThan(0);
    }
  });

  it('reads any body without throwing', () => {
    const bytes = fc.uint8Array().map((array) => Buffer.from(array));
    const text = fc.json().map((json) => Buffer.from(`{"streams":${json}}`));
    const type = fc.constantFrom('application/json', 'x', '');
    fc.assert(
      fc.property(
        fc.oneof(bytes, text),
        type,
        fc.constantFrom('', 'gzip', 'deflate', 'br', 'snappy', '?'),
        (body, contentType, encoding) => {
          const { facts } = scan(body, contentType, encoding);
          expect(facts.appEntries + facts.ownEntries).toBe(facts.entries);
        },
      ),
      { numRuns: 1_000 },
    );
  });
});

describe('longestBackslashRun', () => {
  it('= the longest match of a regular expression', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('\\', '\\', '\\', 'a'), maxLength: 200 }), (text) => {
        const runs = text.match(/\\+/g) ?? [];
        expect(longestBackslashRun(Buffer.from(text))).toBe(Math.max(0, ...runs.map((run) => run.length)));
      }),
    );
  });

  it('is 2^n − 1 after n escapings of a quote', () => {
    let text = '"';
    for (let turn = 1; turn <= 8; turn++) {
      text = JSON.stringify(text);
      expect(longestBackslashRun(Buffer.from(text))).toBe(2 ** turn - 1);
    }
  });
});

describe('OTLP pushes', () => {
  const records = [
    { timeNs: 1n, body: `GET /${id('web', 1)} 200` },
    { timeNs: 2n, body: { log: id('web', 2), source: 'stdout' } },
    { timeNs: 3n, body: 'own words of the agent' },
  ];
  const resources = [{ attributes: { 'service.name': 'web' }, records }];

  it.each([
    ['protobuf', 'application/x-protobuf', encodeOtlpProtobuf(resources)],
    ['json', 'application/json', encodeOtlpJson(resources)],
  ])('are walked record by record: %s', (format, contentType, body) => {
    const input = { body, contentType, contentEncoding: '', wrapper: { kind: 'auto' as const } };
    const { facts, seqs } = scanPush(scanner, { ...input, path: '/otlp/v1/logs' });
    expect(facts).toMatchObject({ format, entries: 3, appEntries: 2, ownEntries: 1, ids: 2 });
    expect(seqs).toEqual([1, 2]);
  });
});
