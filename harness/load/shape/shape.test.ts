import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createPrng } from '../../core/prng.ts';
import { createLineIdScanner } from '../../model/line-id.ts';
import type { ShapeDefinition } from '../../model/parts.ts';
import type { AccessFacts } from './access-facts.ts';
import { type ComposedLine, composeLine, packLines } from './compose.ts';
import { shapes } from './registry.ts';

const scanner = createLineIdScanner('abc123', ['web']);

function compose(shape: ShapeDefinition, { seq = 81_234, sizeBytes = 0, seed = '1' } = {}): ComposedLine {
  return composeLine({
    shape,
    run: 'abc123',
    app: 'web',
    seq,
    dueMs: seq / 10,
    sizeBytes,
    random: createPrng(seed).next,
  });
}

/** The line that holds the id. */
function lineOf({ text, bytes }: ComposedLine): Buffer {
  return text.subarray(0, bytes);
}

const FACTS: AccessFacts = {
  startedAtMs: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
  clientHost: '198.51.100.9',
  clientPort: 5_123,
  host: 'video.example.net:8080',
  method: 'GET',
  path: '/static/lrs1-abc123-web-7-0-00000000',
  status: 206,
  bytes: 16_384,
  referer: null,
  userAgent: 'probe "1"',
  doNotTrack: false,
  durationNs: 3_456_789,
  originDurationNs: 3_000_000,
  requestCount: 8,
  serviceUrl: 'http://media:9000',
};

describe.each(shapes)('$name', (shape) => {
  test('holds the id exactly once, and the id tells length and checksum of its line, for any size and number', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 40_000 }), fc.nat(4_000_000_000), fc.string(), (sizeBytes, seq, seed) => {
        const composed = compose(shape, { seq, sizeBytes, seed });
        const line = lineOf(composed);
        const count = scanner.scan(composed.text, (found) => {
          const around = crc32(line.subarray(found.end), crc32(line.subarray(0, found.start)));
          expect(found).toMatchObject({ seq, appIndex: 0, start: composed.idOffset, bytes: line.length, crc: around });
        });
        expect(count).toBe(1);
        expect(composed.crc).toBe(crc32(line));
        expect(composed.text.filter((byte) => byte === 0x0a).length).toBe(1 + composed.anonymous.length);
      }),
      { numRuns: 60 },
    );
  });

  test('has exactly the size asked for wherever its facts fit', () => {
    for (const sizeBytes of [998, 999, 1_000, 1_001, 4_096, 16_384, 16_385, 65_536, 100_000])
      expect(compose(shape, { sizeBytes }).bytes, `${sizeBytes}`).toBe(sizeBytes);
  });

  test('is a pure function of its seed', () => {
    const hash = createHash('sha256');
    const random = createPrng('golden').next;
    for (let seq = 0; seq < 50; seq++)
      hash.update(
        composeLine({
          shape,
          run: 'abc123',
          app: 'web',
          seq,
          dueMs: seq * 7.5,
          sizeBytes: seq % 3 === 0 ? 0 : 900 + seq,
          random,
        }).text,
      );
    expect(hash.digest('hex')).toMatchSnapshot();
  });

  test('formats the facts of a real request', () => {
    const lines = shape.formatAccessLine(FACTS);
    expect(lines[0]).toContain(FACTS.path);
    expect(lines).toMatchSnapshot();
  });
});

test('plain has any size from the id on, and never ends in a blank', () => {
  for (let sizeBytes = 34; sizeBytes < 400; sizeBytes++) {
    const line = lineOf(compose(shapes[0]!, { sizeBytes, seed: `${sizeBytes}` }));
    expect(line.length).toBe(sizeBytes);
    expect(line.at(-1)).not.toBe(0x20);
  }
});

test('sizes are as on the real parts', () => {
  const sizes = (name: string): number[] => {
    const shape = shapes.find((candidate) => candidate.name === name)!;
    return Array.from({ length: 200 }, (_, seed) => compose(shape, { seed: `${seed}` }).bytes);
  };
  const between = (values: number[], min: number, max: number): void => {
    expect(Math.min(...values)).toBeGreaterThanOrEqual(min);
    expect(Math.max(...values)).toBeLessThanOrEqual(max);
  };
  between(sizes('peertube-2019'), 250, 300);
  between(sizes('traefik-clf'), 300, 420);
  between(sizes('traefik-json'), 700, 1_000);
  between(sizes('plain'), 100, 140);
});

test('keys of traefik-json are in byte order, durations add up', () => {
  const shape = shapes.find(({ name }) => name === 'traefik-json')!;
  const fields = JSON.parse(lineOf(compose(shape)).toString()) as Record<string, unknown>;
  expect(Object.keys(fields)).toEqual(Object.keys(fields).sort());
  expect(fields.Overhead).toBe(Number(fields.Duration) - Number(fields.OriginDuration));
});

test('peertube-2019 colours the level and adds an empty line, which is anonymous', () => {
  const composed = compose(shapes.find(({ name }) => name === 'peertube-2019')!);
  expect(composed.text.includes('\u001b[32minfo\u001b[39m: ')).toBe(true);
  expect(composed.text.subarray(composed.bytes).toString()).toBe('\n\n');
  expect(composed.anonymous).toEqual([{ bytes: 0, crc: 0 }]);
});

test('a shape that hides, repeats or breaks the id is refused with a sentence', () => {
  const refused = (line: ShapeDefinition['line']): string => {
    try {
      compose({ name: 'odd', line });
      return 'accepted';
    } catch (error) {
      return (error as Error).message;
    }
  };
  expect(refused(() => Buffer.from('nothing'))).toContain('found it 0 times');
  expect(refused(({ id }) => Buffer.from(`${id} ${id}`))).toContain('found it 2 times');
  expect(refused(({ id }) => Buffer.from(`${id}\n`))).toContain('newline');
  let calls = 0;
  expect(refused(({ id }) => Buffer.from(`${id} ${'x'.repeat(calls++ % 2 === 0 ? 2_000 : 10)}`))).toContain(
    'another length',
  );
});

test('lines of a plugin keep their order, whichever of them holds the id', () => {
  const composed = compose({
    name: 'banner',
    line: ({ id }) => [{ anonymous: true, bytes: Buffer.from('---') }, Buffer.from(`see ${id}`)],
  });
  expect(composed.text.toString()).toMatch(/^---\nsee lrs1-abc123-web-81234-\d\d-[0-9a-f]{8}\n$/);
  expect(composed.anonymous).toEqual([{ bytes: 3, crc: crc32('---') }]);
});

test('lines of a request know where the id of its path is, or that there is none', () => {
  const id = 'lrs1-abc123-web-7-0-00000000';
  expect(packLines([`GET /${id}`, ''], id)).toMatchObject({
    bytes: 33,
    idOffset: 5,
    crc: crc32(`GET /${id}`),
    anonymous: [{ bytes: 0, crc: 0 }],
  });
  expect(packLines(['GET /'], null)).toMatchObject({ bytes: 5, idOffset: -1 });
});

describe('the shapes of unusual bytes', () => {
  const lineFrom = (name: string, sizeBytes = 40_000): Buffer =>
    lineOf(compose(shapes.find((shape) => shape.name === name)!, { sizeBytes }));

  test('invalid-utf8 is no UTF-8, all others are', () => {
    for (const { name } of shapes) expect(isUtf8(lineFrom(name)), name).toBe(name !== 'invalid-utf8');
  });

  test('multi-byte has letters on both sides of each border of 16 KiB, and cuts through some of them', () => {
    const shape = shapes.find(({ name }) => name === 'multi-byte')!;
    const cuts = Array.from({ length: 60 }, (_, seed) => {
      const line = lineOf(compose(shape, { sizeBytes: 17_000, seed: `${seed}` }));
      return (line[16_384]! & 0xc0) === 0x80;
    });
    expect(cuts.filter(Boolean).length).toBeGreaterThan(20);
    expect(cuts.filter(Boolean).length).toBeLessThan(60);
  });

  test('control-bytes holds NUL, escapes and carriage returns, the last one at its end', () => {
    const line = lineFrom('control-bytes');
    for (const byte of [0x00, 0x09, 0x0d, 0x1b, 0x22, 0x5c, 0x7f]) expect(line.includes(byte), `${byte}`).toBe(true);
    expect(line.at(-1)).toBe(0x0d);
  });

  test('broken-json begins as JSON and is none', () => {
    const text = lineFrom('broken-json').toString();
    expect(text.startsWith('{"')).toBe(true);
    expect(() => JSON.parse(text)).toThrow();
  });

  test('crumbs adds a line of one byte that carries no id', () => {
    const composed = compose(shapes.find(({ name }) => name === 'crumbs')!);
    expect(composed.anonymous).toEqual([{ bytes: 1, crc: crc32('.') }]);
  });
});
