// Numbers, characters and strings as they stand in a template, by the rules of Go's literals.

import { quoteGo } from './template-error.ts';
import type { Token } from './token.ts';

/** The value of a literal: whole numbers and characters as bigint, floats as number. */
export type Constant = boolean | string | bigint | number;

/** The value of a literal token; `fail` is called with Go's words where it has none. */
export function parseConstant({ kind, text }: Token, fail: (error: string) => never): Constant {
  if (kind === 'bool') return text === 'true';
  if (kind === 'raw') return text.slice(1, -1).replaceAll('\r', '');
  if (kind === 'string') return unquote(text) ?? fail('invalid syntax');
  if (kind === 'character') {
    const value = unquote(text);
    const [char, ...more] = [...(value ?? '')];
    if (value === '') fail('invalid syntax');
    if (char === undefined || more.length > 0) fail(`malformed character constant: ${text}`);
    return BigInt(char!.codePointAt(0)!);
  }
  const number = parseNumber(text);
  return typeof number === 'string' ? fail(`${number}: ${quoteGo(text)}`) : number;
}

const WHOLE = /^[+-]?(?:0[xX](?:_?[0-9a-fA-F])+|0[oO]?(?:_?[0-7])+|0[bB](?:_?[01])+|0|[1-9](?:_?[0-9])*)$/;
const FLOAT = /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/;
const UINT_MAX = 2n ** 64n - 1n;

/** A number, or what is wrong with it. What is too large for an int is found when it is used. */
function parseNumber(text: string): bigint | number | string {
  if (WHOLE.test(text)) {
    const negative = text.startsWith('-');
    const digits = text.replace(/^[+-]/, '').replaceAll('_', '');
    const value = BigInt(/^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits);
    return value > UINT_MAX ? 'integer overflow' : negative ? -value : value;
  }
  if (/^[+-]?[0-9]+$/.test(text)) return 'integer overflow';
  return FLOAT.test(text) ? Number(text) : 'illegal number syntax';
}

const ESCAPE = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|([abfnrtv\\'"]))|[^\\]/gsuy;
const SIMPLE: Record<string, string> = {
  ...{ a: '\u0007', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', '\\': '\\', "'": "'", '"': '"' },
};

/** The text between the quotes of a Go literal, null where an escape is none of Go's. */
function unquote(literal: string): string | null {
  const body = literal.slice(1, -1);
  const other = literal[0] === '"' ? "'" : '"';
  const parts: Buffer[] = [];
  let at = 0;
  for (const match of body.matchAll(ESCAPE)) {
    const [text, byte, short, long, octal, simple] = match;
    if (simple === other) return null;
    at += text.length;
    if (simple !== undefined) parts.push(Buffer.from(SIMPLE[simple]!));
    else if (byte !== undefined) parts.push(Buffer.of(Number.parseInt(byte, 16)));
    else if (octal !== undefined) parts.push(Buffer.of(Number.parseInt(octal, 8)));
    else if (short ?? long) {
      const code = Number.parseInt((short ?? long)!, 16);
      if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return null;
      parts.push(Buffer.from(String.fromCodePoint(code)));
    } else parts.push(Buffer.from(text));
  }
  return at === body.length ? Buffer.concat(parts).toString() : null;
}
