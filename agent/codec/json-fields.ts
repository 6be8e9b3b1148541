// Finds values of a JSON object by key in its bytes, without building the object: it walks from key to key at the top
// level and stops when all of them are found. What is no JSON object simply has no fields.

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;

/** See the file's comment. */
export class JsonFields {
  /** Where the value of the key at the same index begins, without its quotes; -1 if it is missing, null or a structure. */
  readonly starts: Int32Array;
  /** Where it ends. */
  readonly ends: Int32Array;
  /** How many keys were found. */
  found = 0;
  private readonly keys: Uint8Array[];
  private readonly lengths = new Uint8Array(256);
  private at = 0;

  constructor(keys: readonly string[]) {
    this.keys = keys.map((key) => Buffer.from(JSON.stringify(key).slice(1, -1)));
    this.starts = new Int32Array(keys.length);
    this.ends = new Int32Array(keys.length);
    for (const key of this.keys) this.lengths[key.length & 255] = 1;
  }

  /** Looks at `bytes[start, start + length)`. Returns how many keys were found. */
  find(bytes: Uint8Array, start: number, length: number): number {
    const { starts, keys, lengths } = this;
    const end = start + length;
    this.found = 0;
    starts.fill(-1);
    this.at = skipSpace(bytes, start, end);
    if (bytes[this.at] !== 0x7b || this.at >= end) return 0;
    this.at++;
    while (this.found < keys.length) {
      const keyStart = skipSpace(bytes, this.at, end) + 1;
      if (keyStart > end || bytes[keyStart - 1] !== QUOTE) break;
      const keyEnd = stringEnd(bytes, keyStart, end);
      const colon = skipSpace(bytes, keyEnd + 1, end);
      if (colon >= end || bytes[colon] !== COLON) break;
      const value = skipSpace(bytes, colon + 1, end);
      const wanted = lengths[(keyEnd - keyStart) & 255] === 1 ? this.indexOf(bytes, keyStart, keyEnd) : -1;
      const after = this.readValue(bytes, value, end, wanted);
      if (after < 0) break;
      const comma = skipSpace(bytes, after, end);
      if (comma >= end || bytes[comma] !== COMMA) break;
      this.at = comma + 1;
    }
    return this.found;
  }

  /** Notes the value at `start` under the key `wanted`, if that is one; returns its end, -1 if it is cut off. */
  private readValue(bytes: Uint8Array, start: number, end: number, wanted: number): number {
    const first = bytes[start] as number;
    if (start >= end) return -1;
    if (first === QUOTE) {
      const close = stringEnd(bytes, start + 1, end);
      if (close >= end) return -1;
      if (wanted >= 0) this.note(wanted, start + 1, close);
      return close + 1;
    }
    if (first === 0x7b || first === 0x5b) return structureEnd(bytes, start, end);
    let at = start;
    while (at < end && bytes[at] !== COMMA && bytes[at] !== 0x7d && (bytes[at] as number) > 0x20) at++;
    if (at === start) return -1;
    if (wanted >= 0 && first !== 0x6e) this.note(wanted, start, at);
    return at;
  }

  /** The first of two equal keys counts. */
  private note(index: number, start: number, end: number): void {
    if ((this.starts[index] as number) >= 0) return;
    this.starts[index] = start;
    this.ends[index] = end;
    this.found++;
  }

  private indexOf(bytes: Uint8Array, start: number, end: number): number {
    const { keys } = this;
    for (let k = 0; k < keys.length; k++) {
      const key = keys[k] as Uint8Array;
      if (key.length !== end - start) continue;
      let i = 0;
      while (i < key.length && key[i] === bytes[start + i]) i++;
      if (i === key.length) return k;
    }
    return -1;
  }
}

/** The text of a string value as `find` left it: its escapes are resolved. */
export function fieldText(bytes: Uint8Array, start: number, end: number): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('utf8');
  if (!text.includes('\\')) return text;
  try {
    return String(JSON.parse(`"${text}"`));
  } catch {
    return text;
  }
}

function skipSpace(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && ((bytes[at] as number) === 0x20 || (bytes[at] as number) - 9 <= 4) && (bytes[at] as number) >= 9)
    at++;
  return at;
}

/** Where the closing quote of a string is, or `end`. */
function stringEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end) {
    const byte = bytes[at] as number;
    if (byte === QUOTE) return at;
    at += byte === BACKSLASH ? 2 : 1;
  }
  return end;
}

/** The end of an object or array, by counting; -1 if it is cut off. */
function structureEnd(bytes: Uint8Array, start: number, end: number): number {
  let depth = 0;
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number;
    if (byte === QUOTE) at = stringEnd(bytes, at + 1, end);
    else if (byte === 0x7b || byte === 0x5b) depth++;
    else if ((byte === 0x7d || byte === 0x5d) && --depth === 0) return at + 1;
  }
  return -1;
}
