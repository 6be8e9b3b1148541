// Finds what names or authorizes a person around a byte of a line: an e-mail address or the user info of a URL at its `@`,
// a query string at its `?`, and the value of a telling key (JSON, logfmt, HTTP header) at the `:` or `=` behind the key.

/** The bytes of a line that were found. */
export interface Span {
  start: number;
  end: number;
}

const QUOTE = 0x22;
const APOSTROPHE = 0x27;
const BACKSLASH = 0x5c;
const SPACE = 0x20;

const LOCAL_CHARS_MAX = 64;
const USER_INFO_CHARS_MAX = 256;

/** Bits of a byte's uses: 1 in the local part of an e-mail address, 2 in a host name, 4 ends a URL, 8 ends a bare value. */
const USES = new Uint8Array(256);
for (const char of 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789') USES[char.charCodeAt(0)] = 3;
for (const char of '.-') USES[char.charCodeAt(0)]! |= 3;
for (const char of "!#$%&*+/=?^_`{|}~'") USES[char.charCodeAt(0)]! |= 1;
for (let byte = 0x80; byte < 256; byte++) USES[byte] = 3;
for (let byte = 0; byte <= SPACE; byte++) USES[byte] = 12;
for (const char of `"<>\\\`'`) USES[char.charCodeAt(0)]! |= 4;
for (const char of '",;&)]}') USES[char.charCodeAt(0)]! |= 8;
// These are legal in front of the @, and hardly ever mean to be: what stands before them is not part of the address.
for (const char of "/=?{}`|'&") USES[char.charCodeAt(0)]! &= ~1;

function uses(byte: number | undefined): number {
  return USES[byte ?? 0] as number;
}

/** The user info of a URL (`scheme://user:password@`) that ends at the `@` at `at`. */
export function matchUserInfo(bytes: Uint8Array, at: number, range: { from: number }, span: Span): boolean {
  const { from } = range;
  let start = at;
  while (
    start > from &&
    at - start < USER_INFO_CHARS_MAX &&
    bytes[start - 1] !== 0x2f &&
    (uses(bytes[start - 1]) & 4) === 0
  )
    start--;
  if (start === at || start - from < 3) return false;
  if (bytes[start - 1] !== 0x2f || bytes[start - 2] !== 0x2f || bytes[start - 3] !== 0x3a) return false;
  span.start = start;
  span.end = at;
  return true;
}

/** An e-mail address around the `@` at `at`. */
export function matchEmail(bytes: Uint8Array, at: number, range: { from: number; end: number }, span: Span): boolean {
  let start = at;
  while (start > range.from && at - start < LOCAL_CHARS_MAX && (uses(bytes[start - 1]) & 1) !== 0) start--;
  let end = at + 1;
  let lastDot = -1;
  while (end < range.end && (uses(bytes[end]) & 2) !== 0) {
    if (bytes[end] === 0x2e && end > at + 1 && end + 1 < range.end && (uses(bytes[end + 1]) & 2) !== 0) lastDot = end;
    end++;
  }
  while (end > at + 1 && (bytes[end - 1] === 0x2e || bytes[end - 1] === 0x2d)) end--;
  span.start = start;
  span.end = end;
  return start < at && lastDot > 0 && end - lastDot > 2;
}

/** The query string behind the `?` at `mark`. JSON writers may put \u0026 for its &. */
export function matchQuery(bytes: Uint8Array, mark: number, range: { from: number; end: number }, span: Span): boolean {
  if (mark <= range.from || (uses(bytes[mark - 1]) & 4) !== 0) return false;
  let end = mark + 1;
  while (end < range.end) {
    const byte = bytes[end] as number;
    if ((uses(byte) & 4) !== 0 && !(byte === BACKSLASH && bytes[end + 1] === 0x75)) break;
    end++;
  }
  span.start = mark + 1;
  span.end = end;
  return end > mark + 1;
}

/** Keys whose values are to be found, and what to call what stands there. */
export class TellingKeys<Kind> {
  private readonly byLast: ({ key: Uint8Array; kind: Kind }[] | undefined)[] = new Array(256).fill(undefined);

  /** Adds a key; it is found in any case, whole or behind a `_` or `-` (as in `request_Authorization`). */
  add(key: string, kind: Kind): void {
    const bytes = Buffer.from(key.toLowerCase());
    for (const last of new Set([bytes.at(-1) as number, key.toUpperCase().charCodeAt(key.length - 1)])) {
      const list = this.byLast[last] ?? [];
      list.push({ key: bytes, kind });
      this.byLast[last] = list;
    }
  }

  /** The kind of the key that ends before the `:` or `=` at `mark`. */
  kindBefore(bytes: Uint8Array, mark: number, from: number): Kind | undefined {
    let end = mark;
    if (end > from && (bytes[end - 1] === QUOTE || bytes[end - 1] === APOSTROPHE)) {
      end--;
      while (end > from && bytes[end - 1] === BACKSLASH) end--;
    }
    if (end === from) return undefined;
    const candidates = this.byLast[bytes[end - 1] as number];
    if (candidates === undefined) return undefined;
    for (const { key, kind } of candidates) if (endsWith(bytes, from, end, key)) return kind;
    return undefined;
  }
}

function endsWith(bytes: Uint8Array, from: number, end: number, key: Uint8Array): boolean {
  const start = end - key.length;
  if (start < from) return false;
  for (let i = 0; i < key.length; i++) {
    const byte = bytes[start + i] as number;
    if ((byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte) !== key[i]) return false;
  }
  if (start === from) return true;
  const before = bytes[start - 1] as number;
  const isLetter = (before >= 0x41 && before <= 0x5a) || (before >= 0x61 && before <= 0x7a);
  return !isLetter || (start - 1 > from && bytes[start - 2] === BACKSLASH);
}

/** The value of a key; `quoted` says whether quotes stand around it, `bare` that a text in its place needs some. */
export interface ValueSpan extends Span {
  bare: boolean;
}

/** The value behind the `:` or `=` at `mark`. None for `null`, booleans, objects, arrays and what is empty or `-`. */
export function matchValue(
  bytes: Uint8Array,
  mark: number,
  options: { from: number; end: number; bare: 'word' | 'credentials' | 'rest' },
  span: ValueSpan,
): boolean {
  const { from, end } = options;
  const keyQuoted = mark > from && bytes[mark - 1] === QUOTE;
  let at = mark + 1;
  while (at < end && bytes[at] === SPACE) at++;
  const slashes = at;
  while (at < end && bytes[at] === BACKSLASH) at++;
  const quote = bytes[at] as number;
  if (at < end && (quote === QUOTE || quote === APOSTROPHE)) {
    span.start = at + 1;
    span.end = quotedEnd(bytes, at + 1, end, { quote, slashes: at - slashes });
    span.bare = false;
  } else {
    if (at !== slashes || (keyQuoted && isStructure(bytes[at] as number))) return false;
    span.start = at;
    span.end = keyQuoted ? wordEnd(bytes, at, end) : bareEnd(bytes, at, options);
    span.bare = keyQuoted;
  }
  return span.end > span.start && !(span.end === span.start + 1 && bytes[span.start] === 0x2d);
}

/** `{`, `[`, and the first letters of true, false and null. */
function isStructure(byte: number): boolean {
  return byte === 0x7b || byte === 0x5b || byte === 0x74 || byte === 0x66 || byte === 0x6e;
}

/**
 * The closing quote of a value has as many backslashes in front of it as the opening one (a JSON text within a JSON
 * string has one); an even number of others is the value's own.
 */
function quotedEnd(bytes: Uint8Array, start: number, end: number, opening: { quote: number; slashes: number }): number {
  let slashes = 0;
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number;
    if (byte === opening.quote) {
      if (opening.slashes === 0 && slashes % 2 === 0) return at;
      if (opening.slashes > 0 && slashes <= opening.slashes) return at - slashes;
    }
    slashes = byte === BACKSLASH ? slashes + 1 : 0;
  }
  return end;
}

/** Schemes that a second word follows. */
const SCHEMES: ReadonlySet<string> = new Set(['basic', 'bearer', 'negotiate', 'token', 'apikey', 'key']);
const SCHEME_CHARS_MAX = 10;

/** Without quotes around it a value is a word; credentials may be two; a cookie or a digest goes to the end of the line. */
function bareEnd(
  bytes: Uint8Array,
  start: number,
  options: { end: number; bare: 'word' | 'credentials' | 'rest' },
): number {
  const { end, bare } = options;
  if (bare === 'rest') return lineEnd(bytes, start, end);
  const first = wordEnd(bytes, start, end);
  if (bare === 'word' || bytes[first] !== SPACE || first - start > SCHEME_CHARS_MAX) return first;
  const scheme = Buffer.from(bytes.subarray(start, first)).toString('latin1').toLowerCase();
  if (scheme === 'digest') return lineEnd(bytes, start, end);
  return SCHEMES.has(scheme) ? wordEnd(bytes, first + 1, end) : first;
}

function wordEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && (uses(bytes[at]) & 8) === 0) at++;
  return at;
}

function lineEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && bytes[at] !== 0x0a && bytes[at] !== 0x0d && bytes[at] !== BACKSLASH && bytes[at] !== QUOTE) at++;
  return at;
}
