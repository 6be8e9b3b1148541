// Takes an agent's wrapping off an entry of the sink: the line as the app wrote it. Used by the recording hop (to
// recognise lines that carry no id) and by the ledger (to compare what is stored with what was written).

import type { LineWrapper } from './agent.ts';

/** The line inside `text`, or null when the entry is not wrapped that way. `auto` and `unlearnable` give null. */
export function unwrapLine(text: Buffer, wrapper: LineWrapper): Buffer | null {
  if (wrapper.kind === 'raw' || wrapper.kind === 'otel') return text;
  if (wrapper.kind === 'json') return unwrapJson(text, wrapper.key);
  return wrapper.kind === 'logfmt' ? unwrapLogfmt(text, wrapper) : null;
}

const OPEN_BRACE = 0x7b;

function unwrapJson(text: Buffer, key: string): Buffer | null {
  if (text[0] !== OPEN_BRACE) return null;
  try {
    const object: unknown = JSON.parse(text.toString('utf8'));
    const value =
      typeof object === 'object' && object !== null && Object.hasOwn(object, key) && Reflect.get(object, key);
    return typeof value === 'string' ? Buffer.from(value) : null;
  } catch {
    return null;
  }
}

/**
 * Two writers share this look: one escapes as Go does, the other (Fluentd's key_value of 2019) puts the bare text
 * between quotes. Where nobody told which, a text is taken as escaped when it has escapes and all of it obeys them.
 * Works on latin1 text: one character per byte, so that bytes that are not UTF-8 survive.
 */
function unwrapLogfmt(bytes: Buffer, { key, quoting }: { key: string; quoting?: 'go' | 'raw' }): Buffer | null {
  const text = bytes.toString('latin1');
  const from = findValue(text, Buffer.from(key).toString('latin1'));
  if (from === -1) return null;
  if (text[from] !== '"') {
    const end = text.indexOf(' ', from);
    return bytes.subarray(from, end === -1 ? bytes.length : end);
  }
  const begin = from + 1;
  if (quoting !== 'raw') {
    const end = findEscapedEnd(text, begin);
    const value = text.slice(begin, end);
    const proper = end !== -1 && endsValue(text, end) && isEscaped(value);
    if (proper && (quoting === 'go' || value.includes('\\'))) return unescapeGo(value);
    if (quoting === 'go') return null;
  }
  const end = findBareEnd(text, begin);
  return end === -1 ? null : bytes.subarray(begin, end);
}

/** Offset of the value of `key`, which stands at the start or after a blank; -1 without one. */
function findValue(text: string, key: string): number {
  const needle = `${key}=`;
  for (let at = text.indexOf(needle); at !== -1; at = text.indexOf(needle, at + 1)) {
    if (at === 0 || text[at - 1] === ' ') return at + needle.length;
  }
  return -1;
}

/** The first quote that no backslash stands before. */
function findEscapedEnd(text: string, begin: number): number {
  for (let at = begin; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '"') return at;
  }
  return -1;
}

/** Whether the quote at `end` is followed by the end or by ` key=`. */
function endsValue(text: string, end: number): boolean {
  return end + 1 >= text.length || /^ +[^\s="]+=/.test(text.slice(end + 1, end + 129));
}

/** Whether each backslash starts an escape of Go's and no control byte is bare. */
function isEscaped(value: string): boolean {
  return !/[\x00-\x1f]|\\(?![abfnrtv"']|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{3})/.test(
    value.replaceAll('\\\\', ''),
  );
}

/**
 * The quote that ends a bare text: `key=value` pairs are peeled off the end as long as that leaves a text that ends
 * in a quote, because the text itself may hold quotes, blanks and equal signs.
 */
function findBareEnd(text: string, begin: number): number {
  let end = text.trimEnd().length;
  let found = -1;
  while (end > begin) {
    if (text[end - 1] === '"') found = end - 1;
    end = peelPair(text, end);
  }
  return found;
}

/** Where the pair that ends at `end` begins, blanks before it included; -1 when there is none. */
function peelPair(text: string, end: number): number {
  const quoted = text[end - 1] === '"';
  const equals = quoted ? text.lastIndexOf('"', end - 2) - 1 : text.lastIndexOf('=', end - 1);
  if (equals <= 0 || text[equals] !== '=') return -1;
  if (!quoted && text.slice(equals, end).includes(' ')) return -1;
  let at = equals;
  while (at > 0 && /[^\s="]/.test(text[at - 1]!)) at--;
  if (at === equals || text[at - 1] !== ' ') return -1;
  while (at > 0 && text[at - 1] === ' ') at--;
  return at;
}

const SIMPLE: Record<string, string> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };
const ESCAPE = /\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{3}|.)/gs;

function unescapeGo(value: string): Buffer {
  const plain = value.replace(ESCAPE, (_, code: string) => {
    if (code.length === 1) return SIMPLE[code] ?? code;
    if (code[0] === 'x') return String.fromCharCode(Number.parseInt(code.slice(1), 16));
    if (code[0] === 'u' || code[0] === 'U') return encodePoint(Number.parseInt(code.slice(1), 16));
    return String.fromCharCode(Number.parseInt(code, 8));
  });
  return Buffer.from(plain, 'latin1');
}

/** The UTF-8 bytes of a code point, one character per byte. */
function encodePoint(value: number): string {
  return Buffer.from(String.fromCodePoint(value > 0x10ffff ? 0xfffd : value)).toString('latin1');
}
