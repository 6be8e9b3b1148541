import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeProtobuf, numberField, type TestStream } from '../../testing/loki-push.ts';
import { grpcMessageBytes } from './grpc-size.ts';
import { decodePushProtobuf } from './push-protobuf.ts';
import { Refusal } from './refusal.ts';

const entry = fc.record({
  tsNs: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
  line: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  metadata: fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.string({ minLength: 1 }), { maxKeys: 3 }),
});
const streams: fc.Arbitrary<TestStream[]> = fc.array(
  fc.record({ labels: fc.string(), entries: fc.array(entry, { maxLength: 5 }) }),
  { maxLength: 4 },
);

describe('decodePushProtobuf', () => {
  it('decoded = encoded, bytes that are not UTF-8 included', () => {
    fc.assert(
      fc.property(streams, (pushed) => {
        const decoded = decodePushProtobuf(encodeProtobuf(pushed));
        expect(decoded.map(({ labels, entries }) => ({ labels, entries }))).toEqual(
          pushed.map(({ labels, entries }) => ({
            labels,
            entries: entries.map(({ tsNs, line, metadata = {} }) => ({
              tsNs,
              line,
              metadata: Object.entries(metadata),
            })),
          })),
        );
      }),
    );
  });

  it('skips fields it does not know', () => {
    const known = encodeProtobuf([{ labels: '{a="b"}', entries: [{ tsNs: 5n, line: 'x' }] }]);
    const unknown = Buffer.concat([
      numberField(9, 7n),
      Buffer.from([0x7a, 2, 1, 2]),
      known,
      Buffer.from([0x75, 0, 0, 0, 0]),
    ]);
    expect(decodePushProtobuf(unknown)).toEqual(decodePushProtobuf(known));
  });

  it('decodes or refuses any bytes, and reads none beyond them', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), streams, fc.nat(), (noise, pushed, at) => {
        const whole = encodeProtobuf(pushed);
        const torn = Buffer.concat([whole.subarray(0, at % (whole.length + 1)), noise]);
        try {
          decodePushProtobuf(torn);
        } catch (error) {
          expect(error).toBeInstanceOf(Refusal);
        }
      }),
    );
  });
});

describe('grpcMessageBytes', () => {
  it('size counted = size of a real encoding', () => {
    fc.assert(
      fc.property(streams, (pushed) => {
        const bytes = encodeProtobuf(pushed);
        const sized = decodePushProtobuf(bytes).map((stream) => ({ ...stream, hash: null }));
        expect(grpcMessageBytes(sized)).toBe(bytes.length);
      }),
    );
  });

  it('adds the hash of each stream as a varint', () => {
    const size = (hash: bigint | null) => grpcMessageBytes([{ labels: '{a="b"}', hash, entries: [] }]);
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (hash) => {
        expect(size(hash) - size(null)).toBe(numberField(3, hash).length);
      }),
    );
  });

  it('counts times before 1970 as ten bytes of seconds', () => {
    const size = (tsNs: bigint) =>
      grpcMessageBytes([{ labels: 'a', hash: null, entries: [{ tsNs, line: Buffer.alloc(0), metadata: [] }] }]);
    expect(size(-1n) - size(0n)).toBe(11 + 6);
  });
});
