// Reads the fields of a protobuf message one after another: number, and a number or a range of bytes as its value.

import { Refusal } from './refusal.ts';

/** One field. `value` for varints and fixed numbers, `from` and `to` for bytes. */
export interface Field {
  number: number;
  wire: number;
  value: bigint;
  from: number;
  to: number;
}

/** Calls `onField` for each field of the message between two offsets, with one reused object. Throws a Refusal (400). */
export function readFields(bytes: Buffer, range: { from: number; to: number }, onField: (field: Field) => void): void {
  let at = range.from;
  const { to } = range;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      if (at >= to) throw new Refusal(400, 'unexpected EOF');
      const byte = bytes[at++]!;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw new Refusal(400, 'proto: integer overflow');
  };
  const skip = (count: number): number => {
    const start = at;
    if (count > to - at) throw new Refusal(400, 'unexpected EOF');
    at += count;
    return start;
  };
  while (at < to) {
    const tag = varint();
    const field: Field = { number: Number(tag >> 3n), wire: Number(tag & 7n), value: 0n, from: at, to: at };
    if (field.wire === 0) field.value = varint();
    else if (field.wire === 1) field.value = bytes.readBigUInt64LE(skip(8));
    else if (field.wire === 5) field.value = BigInt(bytes.readUInt32LE(skip(4)));
    else if (field.wire === 2) {
      const length = varint();
      field.from = skip(length > BigInt(to) ? Number.POSITIVE_INFINITY : Number(length));
      field.to = at;
    } else throw new Refusal(400, `proto: illegal wireType ${field.wire}`);
    onField(field);
  }
}
