// The few MessagePack forms that the fluentd driver writes.

/** A str of these bytes: length prefix in its shortest form, then the bytes. */
export function packString(text: string | Buffer): Buffer {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text;
  const header = Buffer.alloc(5);
  return Buffer.concat([header.subarray(0, writeStringHeader(header, 0, bytes.length)), bytes]);
}

/** Writes the prefix of a str of `length` bytes; returns the offset behind it. */
export function writeStringHeader(target: Buffer, offset: number, length: number): number {
  if (length < 32) {
    target[offset] = 0xa0 | length;
    return offset + 1;
  }
  if (length < 256) {
    target[offset] = 0xd9;
    target[offset + 1] = length;
    return offset + 2;
  }
  if (length < 65_536) {
    target[offset] = 0xda;
    target[offset + 1] = length >>> 8;
    target[offset + 2] = length & 0xff;
    return offset + 3;
  }
  target[offset] = 0xdb;
  target.writeUInt32BE(length, offset + 1);
  return offset + 5;
}

/** The prefix of a map of `count` pairs (up to 65,535). */
export function packMapHeader(count: number): Buffer {
  return count < 16 ? Buffer.of(0x80 | count) : Buffer.of(0xde, count >>> 8, count & 0xff);
}
