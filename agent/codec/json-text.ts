// Resolves the escapes of a JSON string from bytes to bytes, without a string in between: a line with bytes that are no
// UTF-8 stays what it is.

const BACKSLASH = 0x5c;
const SIMPLE: Readonly<Record<number, number>> = { 110: 10, 116: 9, 114: 13, 98: 8, 102: 12 };

/** Writes the text of the JSON string `bytes[start, end)` (without its quotes) to `into`, which must have room for it. Returns the length. */
export function unescapeJson(bytes: Uint8Array, start: number, end: number, into: Uint8Array): number {
  let write = 0;
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number;
    if (byte !== BACKSLASH || at + 1 >= end) {
      into[write++] = byte;
      continue;
    }
    const kind = bytes[++at] as number;
    if (kind !== 0x75) {
      into[write++] = SIMPLE[kind] ?? kind;
      continue;
    }
    let code = readHex(bytes, at + 1, end);
    at += 4;
    if (code >= 0xd800 && code < 0xdc00 && bytes[at + 1] === BACKSLASH && bytes[at + 2] === 0x75) {
      const low = readHex(bytes, at + 3, end);
      if (low >= 0xdc00 && low < 0xe000) {
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        at += 6;
      }
    }
    write = writeCodePoint(into, write, code < 0 || (code >= 0xd800 && code < 0xe000) ? 0xfffd : code);
  }
  return write;
}

function readHex(bytes: Uint8Array, start: number, end: number): number {
  if (start + 4 > end) return -1;
  const value = Number.parseInt(String.fromCharCode(...bytes.subarray(start, start + 4)), 16);
  return Number.isNaN(value) ? -1 : value;
}

function writeCodePoint(into: Uint8Array, start: number, code: number): number {
  let at = start;
  if (code < 0x80) into[at++] = code;
  else if (code < 0x800) {
    into[at++] = 0xc0 | (code >> 6);
    into[at++] = 0x80 | (code & 63);
  } else {
    if (code < 0x10000) into[at++] = 0xe0 | (code >> 12);
    else {
      into[at++] = 0xf0 | (code >> 18);
      into[at++] = 0x80 | ((code >> 12) & 63);
    }
    into[at++] = 0x80 | ((code >> 6) & 63);
    into[at++] = 0x80 | (code & 63);
  }
  return at;
}
