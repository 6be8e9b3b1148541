// The pieces that the agents beside share: MessagePack in pieces of any size, cut lines, batches.

import { encode } from '@msgpack/msgpack';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createBatches, encodeBatch, splitBatch } from './batches.mjs';
import { createValueReader, packEntry, readValues } from './msgpack.mjs';
import { createPartialJoiner } from './partials.mjs';
import { scrub, scrubAddresses } from './scrub.mjs';

/** Values as the reader gives them: texts as Buffers, maps as Map. */
function asRead(value: unknown): unknown {
  if (typeof value === 'string') return Buffer.from(value);
  if (value instanceof Uint8Array) return Buffer.from(value);
  if (Array.isArray(value)) return value.map(asRead);
  if (value !== null && typeof value === 'object')
    return new Map(Object.entries(value).map(([key, inner]) => [key, asRead(inner)]));
  return value;
}

const values = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.string({ unit: 'grapheme' }),
    fc.integer(),
    fc.maxSafeInteger(),
    fc.boolean(),
    fc.constant(null),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (Object.is(value, -0) ? 0 : value)),
    fc.uint8Array({ maxLength: 300 }),
    fc.array(tie('value'), { maxLength: 20 }),
    fc.dictionary(
      fc.string({ maxLength: 40 }).filter((key) => key !== '__proto__'),
      tie('value'),
      { maxKeys: 20 },
    ),
  ),
})).value;

test('values come out the same however their bytes are cut', () => {
  fc.assert(
    fc.property(
      fc.array(values, { maxLength: 5 }),
      fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }),
      (sent, cuts) => {
        const bytes = Buffer.concat(sent.map((value) => encode(value)));
        const read: unknown[] = [];
        const feed = createValueReader((value: unknown) => read.push(value));
        for (let at = 0, n = 0; at < bytes.length; n++) {
          const size = cuts[n % cuts.length]!;
          feed(bytes.subarray(at, at + size));
          at += size;
        }
        expect(read).toEqual(sent.map(asRead));
      },
    ),
  );
});

test('EventTime is read, and bytes that are no MessagePack are refused', () => {
  const read: unknown[] = [];
  createValueReader((value: unknown) => read.push(value))(Buffer.from('d7005cd85e83075bcd15', 'hex'));
  expect(read).toEqual([{ seconds: 1_557_683_843, nanos: 123_456_789 }]);
  expect(() => createValueReader(() => undefined)(Buffer.of(0xc1))).toThrow('0xc1');
  expect(() => createValueReader(() => undefined)(Buffer.from('c6ffffffff', 'hex'))).toThrow('64 MiB');
});

test('an entry that is packed reads back', () => {
  fc.assert(
    fc.property(
      fc.nat(0xffff_ffff),
      fc.dictionary(
        fc.stringMatching(/^[a-z_]{1,20}$/),
        fc.constantFrom(0, 31, 32, 255, 256, 65_535, 65_536).map((size) => Buffer.alloc(size, 97)),
        { maxKeys: 15 },
      ),
      (seconds, record) => {
        const [[readSeconds, fields]] = [...readValues(packEntry(seconds, new Map(Object.entries(record))))] as [
          [number, Map<string, Buffer>],
        ];
        expect([readSeconds, fields.size]).toEqual([seconds, Object.keys(record).length]);
        for (const [key, value] of Object.entries(record)) expect(fields.get(key)?.equals(value)).toBe(true);
      },
    ),
    { numRuns: 30 },
  );
});

test('a cut line is whole again, also where the driver does not say which piece is the last', () => {
  const piece = (log: string, extra: object) =>
    new Map(
      Object.entries({
        log: Buffer.from(log),
        container_id: Buffer.from('c'),
        source: Buffer.from('stdout'),
        ...extra,
      }),
    );
  const { join, rest } = createPartialJoiner();
  const marked = { partial_message: Buffer.from('true') };
  const named = (last: string) => ({ ...marked, partial_id: Buffer.from('1'), partial_last: Buffer.from(last) });
  expect(String(join(piece('plain', {})))).toBe('plain');
  expect(join(piece('a', named('false')))).toBeNull();
  expect(String(join(piece('other', {})))).toBe('other');
  expect(String(join(piece('b', named('true'))))).toBe('ab');
  expect(join(piece('x'.repeat(16_384), marked))).toBeNull();
  expect(join(piece('y', marked))).toHaveLength(16_385);
  join(piece('open', named('false')));
  expect(rest().map(({ line }: { line: Buffer }) => String(line))).toEqual(['open']);
});

test('batches keep the order, are bounded, and split into halves that hold the same entries', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(400_000), { minLength: 2, maxLength: 12 }), (sizes) => {
      const batches = createBatches(() => undefined);
      const entries = sizes.map((size, n) => ({ labels: { app: 'a' }, tNs: BigInt(n), line: { length: size } }));
      for (const entry of entries) batches.add(entry);
      batches.seal();
      const taken = [];
      for (let batch = batches.take(); batch; batch = batches.take()) taken.push(batch);
      expect(taken.flatMap((batch) => batch.entries)).toEqual(entries);
      for (const batch of taken) expect(batch.bytes).toBeLessThan(768 * 1024 + 1);
      expect(batches.bytes()).toBe(0);
      expect(splitBatch({ entries, sinceMs: 0 }).flatMap((half) => half.entries)).toEqual(entries);
    }),
    { numRuns: 30 },
  );
});

test('bytes that are no UTF-8 make no request that Loki refuses', () => {
  const body = encodeBatch({
    entries: [{ labels: { app: 'a' }, tNs: 1n, line: Buffer.from([0x61, 0xed, 0xa0, 0x80]) }],
  });
  expect(body.toString()).not.toMatch(/\\ud[89ab]/i);
  expect(JSON.parse(body.toString()).streams[0].values[0][0]).toBe('1');
});

test('scrubbing takes addresses and logins, and no other byte', () => {
  const line = 'é id-7-0 user=viewer-1 from 198.18.3.4 via 2001:db8::1:2 mail a.b@c.example at 12:30:45 \u00ff';
  expect(scrub(Buffer.from(line)).toString()).toBe(
    'é id-7-0 user=[login] from [ipv4] via [ipv6] mail [mail] at 12:30:45 \u00ff',
  );
  expect(scrubAddresses(Buffer.from(line)).toString()).toContain('user=viewer-1 from [ipv4]');
  const bytes = Buffer.from([0xff, 0x41, 0xe2, 0x82]);
  expect(scrub(bytes)).toEqual(bytes);
});
