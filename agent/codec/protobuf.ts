// The few bytes of Protocol Buffers that Loki's push request is made of:
//
//   PushRequest { 1: Stream { 1: labels, 2: Entry { 1: Timestamp { 1: seconds, 2: nanos }, 2: line } … } … }

/** Bytes of a varint. `value` is an integer from 0 to 2^35: lengths, and seconds until the year 3058. */
export function varintSize(value: number): number {
  if (value < 0x80) return 1;
  if (value < 0x4000) return 2;
  if (value < 0x20_0000) return 3;
  return value < 0x1000_0000 ? 4 : 5;
}

/** Writes a varint and returns the position after it. */
export function writeVarint(bytes: Uint8Array, position: number, value: number): number {
  let rest = value;
  let at = position;
  while (rest > 0x7fff_ffff) {
    bytes[at++] = (rest % 128) | 0x80;
    rest = Math.floor(rest / 128);
  }
  while (rest >= 0x80) {
    bytes[at++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  bytes[at++] = rest;
  return at;
}

/** A varint and the position after it. Throws a RangeError if it does not end. */
export function readVarint(bytes: Uint8Array, position: number): { value: number; next: number } {
  let value = 0;
  let scale = 1;
  for (let i = position; i < position + 10 && i < bytes.length; i++) {
    const byte = bytes[i] as number;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return { value, next: i + 1 };
    scale *= 128;
  }
  throw new RangeError('varint does not end');
}

/** One length-delimited field: its number and the range of its value. */
export interface Field {
  number: number;
  start: number;
  end: number;
}

/** The length-delimited fields in `[start, end)`, in order; other wire types are passed over. Throws a RangeError on damage. */
export function* readFields(bytes: Uint8Array, start: number, end: number): Generator<Field> {
  let at = start;
  while (at < end) {
    const key = readVarint(bytes, at);
    const wireType = key.value & 7;
    if (wireType === 0) at = readVarint(bytes, key.next).next;
    else if (wireType === 2) {
      const length = readVarint(bytes, key.next);
      at = length.next + length.value;
      if (at > end) throw new RangeError('field reaches past its message');
      yield { number: key.value >>> 3, start: length.next, end: at };
    } else throw new RangeError(`wire type ${wireType} does not belong in a push request`);
  }
}
