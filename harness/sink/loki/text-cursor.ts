// Reads label texts and LogQL from left to right: blanks, words, signs and Go-quoted strings. Errors carry the
// column, because agents show them to people.

/** A place in a text that is being parsed. */
export interface TextCursor {
  readonly text: string;
  at: number;
}

/** A text that does not follow its grammar; `column` counts from 1. */
export class ParseError extends Error {
  readonly column: number;
  readonly found: string;

  constructor(cursor: TextCursor, expected: string) {
    const found = cursor.at >= cursor.text.length ? 'end of input' : `"${cursor.text.slice(cursor.at, cursor.at + 1)}"`;
    super(`unexpected ${found}, expected ${expected}`);
    this.column = cursor.at + 1;
    this.found = found;
  }
}

/** Skips blanks, then takes `sign` if it stands there. */
export function take(cursor: TextCursor, sign: string): boolean {
  skipBlanks(cursor);
  if (!cursor.text.startsWith(sign, cursor.at)) return false;
  cursor.at += sign.length;
  return true;
}

/** Takes `sign` or throws a ParseError. */
export function expectSign(cursor: TextCursor, sign: string): void {
  if (!take(cursor, sign)) throw new ParseError(cursor, `"${sign}"`);
}

/** Skips blanks, then takes what `pattern` (sticky) matches, or null. */
export function takePattern(cursor: TextCursor, pattern: RegExp): string | null {
  skipBlanks(cursor);
  pattern.lastIndex = cursor.at;
  const match = pattern.exec(cursor.text);
  if (!match) return null;
  cursor.at += match[0].length;
  return match[0];
}

const QUOTED = /"(?:[^"\\\n]|\\[^\n])*"|'(?:[^'\\\n]|\\[^\n])*'|`[^`]*`/y;

/** Takes a string as Go writes it: double or single quotes with escapes, or raw between backticks. */
export function takeQuoted(cursor: TextCursor): string {
  const quoted = takePattern(cursor, QUOTED);
  if (quoted === null) throw new ParseError(cursor, 'string');
  const inner = quoted.slice(1, -1);
  return quoted.startsWith('`') || !inner.includes('\\') ? inner : resolveEscapes(inner);
}

/** Whether only blanks are left. */
export function atEnd(cursor: TextCursor): boolean {
  skipBlanks(cursor);
  return cursor.at >= cursor.text.length;
}

/** A string between double quotes as Go's strconv.Quote writes it. */
export function quote(text: string): string {
  return `"${text.replace(/["\\\x00-\x1f\x7f]/g, (char) => NAMED[char] ?? `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`)}"`;
}

const NAMED: Record<string, string> = {
  '"': '\\"',
  '\\': '\\\\',
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
};
const SIMPLE: Record<string, string> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

function resolveEscapes(text: string): string {
  return text.replace(/\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|[0-7]{3}|.)/gs, (_, code: string) => {
    if (code.length === 3 && code[0] !== 'x') return String.fromCharCode(Number.parseInt(code, 8));
    if (code.length > 1) return String.fromCharCode(Number.parseInt(code.slice(1), 16));
    return SIMPLE[code] ?? code;
  });
}

function skipBlanks(cursor: TextCursor): void {
  while (cursor.at < cursor.text.length && ' \t\r\n'.includes(cursor.text[cursor.at]!)) cursor.at++;
}
