// Our snappy against the reference (napi snappy), both ways, and against damage.

import fc from 'fast-check';
import { compressSync, uncompressSync } from 'snappy';
import { expect, test } from 'vitest';
import { compressedMax, compressTo, writePreamble } from './snappy-compress.ts';
import { decompress } from './snappy-decompress.ts';

/** Compresses the parts one after the other into one block, as the batcher does. */
function compress(parts: Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const memory = new Uint8Array(length + compressedMax(length) + 16 + 32 * parts.length);
  const view = new DataView(memory.buffer);
  let at = 0;
  let output = writePreamble(memory, length, length);
  for (const part of parts) {
    memory.set(part, at);
    output = compressTo(memory, view, { start: at, end: at + part.length }, output);
    at += part.length;
  }
  return memory.slice(length, output);
}

const compressible = fc
  .array(
    fc.tuple(
      fc.constantFrom('GET /static/', 'status=200 ', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaa', '{"level":"info"}'),
      fc.string(),
    ),
    { maxLength: 400 },
  )
  .map((pairs) => Buffer.from(pairs.flat().join('')));

test('what is compressed here is decompressed by napi snappy, and by ours', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.uint8Array({ maxLength: 3000 }), compressible), { maxLength: 5 }), (parts) => {
      const plain = Buffer.concat(parts);
      const block = compress(parts);
      expect(Buffer.compare(uncompressSync(Buffer.from(block)) as Buffer, plain)).toBe(0);
      expect(Buffer.compare(decompress(block, plain.length), plain)).toBe(0);
    }),
  );
});

test('what napi snappy compressed is decompressed here', () => {
  fc.assert(
    fc.property(compressible, (plain) => {
      expect(Buffer.compare(decompress(compressSync(plain), plain.length), plain)).toBe(0);
    }),
  );
});

test.each([0, 1, 14, 15, 16, 60, 61, 256, 257, 65_535, 65_536, 65_537, 200_000])(
  '%i bytes survive, equal and random ones',
  (length) => {
    for (const plain of [
      Buffer.alloc(length, 'ab'),
      Buffer.from(Uint8Array.from({ length }, (_, i) => (Math.imul(i, 2_654_435_761) >>> 13) & 255)),
    ]) {
      const block = compress([plain]);
      expect(block.length).toBeLessThanOrEqual(compressedMax(length) + 5);
      expect(Buffer.compare(uncompressSync(Buffer.from(block)) as Buffer, plain)).toBe(0);
    }
  },
);

test('log lines shrink as much as with the reference', () => {
  const lines = Array.from(
    { length: 2000 },
    (_, i) =>
      `{"ClientHost":"10.0.0.${i % 256}","Duration":${Math.imul(i, 7919) >>> 8},"RequestPath":"/static/${i}.mp4"}`,
  ).join('\n');
  expect(compress([Buffer.from(lines)]).length).toBeLessThan(compressSync(lines).length * 1.05);
});

test('damaged blocks throw and never loop or overrun', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
      try {
        expect(decompress(noise, 4096).length).toBeLessThanOrEqual(4096);
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
      }
    }),
    { numRuns: 1000 },
  );
});
