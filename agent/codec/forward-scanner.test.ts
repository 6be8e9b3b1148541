// The scanner against an encoder that is not ours, against the golden message of the protocol, and against lies.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { eventTime, message, pack, record } from '../testing/forward-messages.ts';
import { ForwardScanner } from './forward-scanner.ts';
import { INCOMPLETE, INVALID, OTHER, TOO_LARGE } from './msgpack.ts';

function scan(bytes: Uint8Array, end = bytes.length) {
  const scanner = new ForwardScanner(1_048_576);
  scanner.bind(bytes);
  return { scanner, result: scanner.scan(0, end) };
}

function text(scanner: ForwardScanner, start: number, end: number): string {
  return start < 0 ? '<absent>' : Buffer.from(scanner.bytes.subarray(start, end)).toString('latin1');
}

test('the golden message of the protocol facts is read', () => {
  const hex = `94ac303030303030303030303030d25cd85e8384ac${Buffer.from('container_id').toString('hex')}d940${'30'.repeat(64)}ae${Buffer.from('container_name').toString('hex')}a42f617070a6736f75726365a67374646f7574a36c6f67a2686980`;
  const bytes = Buffer.from(hex, 'hex');
  expect(bytes.length).toBe(141);
  const { scanner, result } = scan(bytes);
  expect(result).toBe(141);
  expect(text(scanner, scanner.tagStart, scanner.tagEnd)).toBe('000000000000');
  expect([scanner.seconds, scanner.nanos]).toEqual([1_557_683_843, 0]);
  expect(text(scanner, scanner.logStart, scanner.logEnd)).toBe('hi');
  expect(text(scanner, scanner.idStart, scanner.idEnd)).toBe('0'.repeat(64));
  expect(text(scanner, scanner.nameStart, scanner.nameEnd)).toBe('/app');
  expect(text(scanner, scanner.sourceStart, scanner.sourceEnd)).toBe('stdout');
});

test('every prefix of a message is incomplete, never wrong', () => {
  for (const bytes of [
    message(),
    message({ time: eventTime(1, 2), option: { chunk: 'abc' } }),
    message({ log: 'x'.repeat(70_000), option: null }),
  ]) {
    for (let end = 1; end < bytes.length; end += end > 300 ? 997 : 1) expect(scan(bytes, end).result).toBe(INCOMPLETE);
  }
});

test.each([
  ['positive fixint', Buffer.of(7), 7, 0],
  ['uint8', Buffer.of(0xcc, 200), 200, 0],
  ['uint16', Buffer.of(0xcd, 1, 0), 256, 0],
  ['uint32', Buffer.from('ce5cd85e83', 'hex'), 1_557_683_843, 0],
  ['uint64', Buffer.from('cf000000005cd85e83', 'hex'), 1_557_683_843, 0],
  ['int64', Buffer.from('d3000000005cd85e83', 'hex'), 1_557_683_843, 0],
  ['EventTime as fixext8', Buffer.from('d7005cd85e83075bcd15', 'hex'), 1_557_683_843, 123_456_789],
  ['EventTime as ext8', Buffer.from('c708005cd85e83075bcd15', 'hex'), 1_557_683_843, 123_456_789],
  ['float64', Buffer.from('cb41d73617a0c0000000'.slice(0, 18), 'hex'), 1_557_683_843, 0],
  ['nil', Buffer.of(0xc0), -1, 0],
])('time as %s', (name, time, seconds, nanos) => {
  const { scanner, result } = scan(Buffer.concat([Buffer.of(0x93, 0xa1, 0x74), time, pack({ log: 'x' })]));
  expect(result).toBeGreaterThan(0);
  if (name !== 'float64') expect([scanner.seconds, scanner.nanos]).toEqual([seconds, nanos]);
});

test('a record says the same in every order of its keys, with any extra keys and values', () => {
  const value = fc.oneof(
    fc.string(),
    fc.integer(),
    fc.constant(null),
    fc.boolean(),
    fc.double(),
    fc.array(fc.integer()),
    fc.dictionary(fc.string(), fc.string()),
  );
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 400 }),
      fc.dictionary(fc.string({ maxLength: 16 }), value),
      fc.infiniteStream(fc.nat()),
      (log, extra, order) => {
        const known = record({
          log,
          extra: { partial_message: 'true', partial_id: 'p1', partial_last: 'false', partial_ordinal: '1' },
        });
        const pairs = Object.entries({ ...extra, ...known }).sort(() => ((order.next().value ?? 0) % 3) - 1);
        const { scanner, result } = scan(
          Buffer.concat([Buffer.of(0x94), pack('a.b'), pack(5), pack(Object.fromEntries(pairs)), Buffer.of(0x80)]),
        );
        expect(result).toBeGreaterThan(0);
        expect(new Uint8Array(scanner.bytes.subarray(scanner.logStart, scanner.logEnd))).toEqual(new Uint8Array(log));
        expect(text(scanner, scanner.nameStart, scanner.nameEnd)).toBe('/app');
        expect(text(scanner, scanner.partialIdStart, scanner.partialIdEnd)).toBe('p1');
        expect([scanner.partial, scanner.partialLast]).toEqual([true, false]);
      },
    ),
  );
});

test('keys that only look like the known ones are not taken for them', () => {
  const { scanner } = scan(
    message({
      extra: {
        stream: 'x',
        lug: 'y',
        container_ix: 'z',
        container_nome: 'w',
        partial_lost: 'true',
        partial_massage: 'true',
        log: 'real',
      },
    }),
  );
  expect(text(scanner, scanner.sourceStart, scanner.sourceEnd)).toBe('stdout');
  expect(text(scanner, scanner.logStart, scanner.logEnd)).toBe('real');
  expect(text(scanner, scanner.idStart, scanner.idEnd)).toBe('0'.repeat(64));
});

test('the chunk option is found for the ack, with its type', () => {
  const { scanner, result } = scan(message({ option: { size: 1, chunk: 'g17YXAAAAACId2ZVRDMiEQ==', other: [1] } }));
  expect(result).toBeGreaterThan(0);
  expect(Buffer.from(scanner.bytes.subarray(scanner.chunkStart, scanner.chunkEnd)).toString('latin1')).toBe(
    '\xb8g17YXAAAAACId2ZVRDMiEQ==',
  );
});

test('headers that lie are caught before anything is allocated', () => {
  expect(scan(Buffer.from('94dbffffffff00', 'hex')).result).toBe(TOO_LARGE);
  expect(scan(Buffer.from('94a17401dfffffffff', 'hex')).result).toBe(TOO_LARGE);
  expect(scan(Buffer.from('94a1740181a36c6f67c6ffffffff', 'hex')).result).toBe(TOO_LARGE);
  expect(scan(Buffer.concat([Buffer.from('94a1740181a178', 'hex'), Buffer.alloc(200, 0x91)])).result).toBe(INVALID);
  expect(scan(Buffer.from('94a1740181a178c1', 'hex')).result).toBe(INVALID);
});

test('other modes and other things are left to the slower path', () => {
  expect(scan(Buffer.from(pack(null))).result).toBe(OTHER);
  expect(scan(Buffer.from(pack(['tag', [[1, {}]]]))).result).toBe(OTHER);
  expect(scan(Buffer.from(pack(['tag', [[1, {}]], {}]))).result).toBe(OTHER);
  expect(scan(Buffer.from(pack(['tag', new Uint8Array(3), {}]))).result).toBe(OTHER);
  expect(scan(Buffer.from(pack(['tag', 1, 'no map', {}]))).result).toBe(OTHER);
});

test('random bytes never throw and never claim to reach past their end', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 200 }), (noise) => {
      const bytes = Buffer.concat([Buffer.of(0x94), noise]);
      const { result } = scan(bytes);
      expect(result).toBeLessThanOrEqual(bytes.length);
    }),
    { numRuns: 2000 },
  );
});
