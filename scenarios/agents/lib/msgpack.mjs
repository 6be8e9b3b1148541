// MessagePack for the Forward protocol, as little as a small agent needs: values out of a stream of bytes, and
// maps of texts back into bytes. Texts come out as Buffers, because a log line may hold any bytes and a line cut at
// 16 KiB may be cut inside a character; keys of maps come out as strings.

const INCOMPLETE = Symbol('incomplete');
const VALUE_BYTES_MAX = 64 * 1024 * 1024;
const DEPTH_MAX = 16;

/** Returns `feed(bytes)`, which calls `onValue` for each whole value. Throws on bytes that are no MessagePack. */
export function createValueReader(onValue) {
  let pending = Buffer.alloc(0);
  return (bytes) => {
    const all = pending.length === 0 ? bytes : Buffer.concat([pending, bytes]);
    const cursor = { bytes: all, at: 0 };
    let begin = 0;
    try {
      while (begin < all.length) {
        const value = readValue(cursor, 0);
        begin = cursor.at;
        onValue(value);
      }
    } catch (error) {
      if (error !== INCOMPLETE) throw error;
    }
    pending = Buffer.from(all.subarray(begin));
    if (pending.length > VALUE_BYTES_MAX) throw new Error('a value is larger than 64 MiB');
  };
}

/** All values of a complete buffer. */
export function* readValues(bytes) {
  const cursor = { bytes, at: 0 };
  while (cursor.at < bytes.length) yield readValue(cursor, 0);
}

function readValue(cursor, depth) {
  if (depth > DEPTH_MAX) throw new Error('values are nested too deeply');
  const first = take(cursor, 1)[0];
  if (first < 0x80) return first;
  if (first < 0x90) return readMap(cursor, first & 15, depth);
  if (first < 0xa0) return readArray(cursor, first & 15, depth);
  if (first < 0xc0) return take(cursor, first & 31);
  if (first >= 0xe0) return first - 256;
  switch (first) {
    case 0xc0:
      return null;
    case 0xc2:
      return false;
    case 0xc3:
      return true;
    case 0xc4:
    case 0xd9:
      return take(cursor, readUnsigned(cursor, 1));
    case 0xc5:
    case 0xda:
      return take(cursor, readUnsigned(cursor, 2));
    case 0xc6:
    case 0xdb:
      return take(cursor, readUnsigned(cursor, 4));
    case 0xc7:
    case 0xc8:
    case 0xc9:
      return readExtension(cursor, readUnsigned(cursor, 1 << (first - 0xc7)));
    case 0xca:
      return take(cursor, 4).readFloatBE();
    case 0xcb:
      return take(cursor, 8).readDoubleBE();
    case 0xcc:
    case 0xcd:
    case 0xce:
      return readUnsigned(cursor, 1 << (first - 0xcc));
    case 0xcf:
      return Number(take(cursor, 8).readBigUInt64BE());
    case 0xd0:
    case 0xd1:
    case 0xd2: {
      const width = 1 << (first - 0xd0);
      return take(cursor, width).readIntBE(0, width);
    }
    case 0xd3:
      return Number(take(cursor, 8).readBigInt64BE());
    case 0xdc:
      return readArray(cursor, readUnsigned(cursor, 2), depth);
    case 0xdd:
      return readArray(cursor, readUnsigned(cursor, 4), depth);
    case 0xde:
      return readMap(cursor, readUnsigned(cursor, 2), depth);
    case 0xdf:
      return readMap(cursor, readUnsigned(cursor, 4), depth);
    case 0xc1:
      throw new Error('byte 0xc1 is no MessagePack');
    default:
      return readExtension(cursor, 1 << (first - 0xd4));
  }
}

function readArray(cursor, length, depth) {
  const values = [];
  for (let index = 0; index < length; index++) values.push(readValue(cursor, depth + 1));
  return values;
}

function readMap(cursor, length, depth) {
  const map = new Map();
  for (let index = 0; index < length; index++) {
    const key = readValue(cursor, depth + 1);
    map.set(String(key), readValue(cursor, depth + 1));
  }
  return map;
}

/** Extension 0 of 8 bytes is Forward's EventTime. */
function readExtension(cursor, length) {
  const type = take(cursor, 1).readInt8();
  const data = take(cursor, length);
  if (type === 0 && length === 8) return { seconds: data.readUInt32BE(0), nanos: data.readUInt32BE(4) };
  return { type, data };
}

function readUnsigned(cursor, width) {
  return take(cursor, width).readUIntBE(0, width);
}

function take(cursor, length) {
  if (length > VALUE_BYTES_MAX) throw new Error('a value is larger than 64 MiB');
  const end = cursor.at + length;
  if (end > cursor.bytes.length) throw INCOMPLETE;
  const part = cursor.bytes.subarray(cursor.at, end);
  cursor.at = end;
  return part;
}

/** The bytes of `[seconds, {key: text, …}]`, as an agent keeps an entry in its buffer. Up to 15 fields. */
export function packEntry(seconds, fields) {
  if (fields.size > 15) throw new Error('a record has more than 15 fields');
  const head = Buffer.of(0x92, 0xce, 0, 0, 0, 0, 0x80 | fields.size);
  head.writeUInt32BE(seconds >>> 0, 2);
  const pieces = [head];
  for (const [key, value] of fields) pieces.push(packText(Buffer.from(key)), packText(toBytes(value)));
  return Buffer.concat(pieces);
}

/** A value of a record as bytes of text. */
export function toBytes(value) {
  if (Buffer.isBuffer(value)) return value;
  return Buffer.from(value === null || value === undefined ? '' : String(value));
}

/** A text with its header. */
export function packText(bytes) {
  const { length } = bytes;
  if (length < 32) return Buffer.concat([Buffer.of(0xa0 | length), bytes]);
  const head = length < 256 ? Buffer.of(0xd9, length) : Buffer.alloc(length < 65_536 ? 3 : 5);
  if (head.length === 3) {
    head[0] = 0xda;
    head.writeUInt16BE(length, 1);
  } else if (head.length === 5) {
    head[0] = 0xdb;
    head.writeUInt32BE(length, 1);
  }
  return Buffer.concat([head, bytes]);
}
