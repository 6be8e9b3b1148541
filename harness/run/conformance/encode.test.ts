import { gunzipSync } from 'node:zlib';
import { decode, decodeMulti, ExtensionCodec } from '@msgpack/msgpack';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { encodeMessage, type MessageForm, type SentRecord } from './encode.ts';

const extensionCodec = new ExtensionCodec();
extensionCodec.register({
  type: 0,
  encode: () => null,
  decode: (bytes) => {
    const view = Buffer.from(bytes);
    return BigInt(view.readUInt32BE(0)) * 1_000_000_000n + BigInt(view.readUInt32BE(4));
  },
});

const record = fc.record({
  timeNs: fc.bigInt({ min: 0n, max: 2_000_000_000_999_999_999n }),
  fields: fc.dictionary(fc.string(), fc.string()).filter((fields) => !('__proto__' in fields)),
});

/** The records of a message, by the library alone. */
function decodeMessage(bytes: Buffer, form: MessageForm): unknown[] {
  const text = form.mode === 'packed-str';
  // A text that holds packed entries is no UTF-8: its header is made that of a bin (c6) before it is decoded.
  const message = decode(text ? Buffer.concat([bytes.subarray(0, 3), Buffer.from([0xc6]), bytes.subarray(4)]) : bytes, {
    extensionCodec,
  }) as unknown[];
  if (form.mode === 'message') return [[message[1], message[2]]];
  if (form.mode === 'forward') return message[1] as unknown[];
  const packed = form.mode === 'compressed' ? gunzipSync(message[1] as Uint8Array) : (message[1] as Uint8Array);
  return [...decodeMulti(packed, { extensionCodec })];
}

it.each<MessageForm>([
  { mode: 'message', time: 'integer' },
  { mode: 'message', time: 'event-time', chunk: 'abc' },
  { mode: 'forward', time: 'event-time' },
  { mode: 'packed', time: 'integer', chunk: 'abc' },
  { mode: 'packed-str', time: 'event-time' },
  { mode: 'compressed', time: 'event-time' },
  { mode: 'compressed', time: 'event-time', members: 2 },
])('%j holds what was sent, in order, and asks for an ack only when told to', (form) => {
  fc.assert(
    fc.property(fc.array(record, { minLength: 1, maxLength: 5 }), (records: SentRecord[]) => {
      const bytes = encodeMessage('x', records, form);
      const expected = records
        .slice(0, form.mode === 'message' ? 1 : undefined)
        .map(({ timeNs, fields }) => [form.time === 'integer' ? Number(timeNs / 1_000_000_000n) : timeNs, fields]);
      expect(decodeMessage(bytes, form)).toEqual(expected);
      expect(bytes.includes('chunk')).toBe(
        form.chunk !== undefined || records.some(({ fields }) => JSON.stringify(fields).includes('chunk')),
      );
    }),
    { numRuns: 50 },
  );
});
