// The functions that a tag may call: those of Go's text/template, and those that Docker adds (json, split, join, title,
// lower, upper, pad, truncate). Where Go panics, an Error with its words is thrown.

import { compareValues, equalsAny } from './compare.ts';
import { sortedKeys, sprint, sprintf, sprintln } from './print.ts';
import { type Callable, type GoValue, isMap, isSlice, isTrue, type Parameter, typeName } from './value.ts';

const TEXT_BYTES_MAX = 1_048_576;

const define = (parameters: Parameter[], call: Callable['call'], rest?: Parameter): Callable =>
  rest === undefined ? { parameters, call } : { parameters, rest, call };

/** All functions by name. */
export const FUNCTIONS: Readonly<Record<string, Callable>> = {
  json: define(['any'], (value) => toJson(value)),
  split: define(['string', 'string'], (text, by) =>
    by === '' ? [...(text as string)] : (text as string).split(by as string),
  ),
  join: define(['[]string', 'string'], (items, by) => ((items ?? []) as string[]).join(by as string)),
  title: define(['string'], (text) => titleOf(text as string)),
  lower: define(['string'], (text) => mapChars(text as string, (char) => char.toLowerCase())),
  upper: define(['string'], (text) => mapChars(text as string, (char) => char.toUpperCase())),
  pad: define(['string', 'int', 'int'], (text, before, after) =>
    text === '' ? '' : repeat(before as bigint) + text + repeat(after as bigint),
  ),
  truncate: define(['string', 'int'], (text, length) => truncate(text as string, length as bigint)),
  // Their arguments are evaluated one by one: evaluate.ts does it.
  and: define(['any'], (value) => value, 'any'),
  or: define(['any'], (value) => value, 'any'),
  not: define(['any'], (value) => !isTrue(value)),
  len: define(['any'], lengthOf),
  index: define(
    ['any'],
    (item, ...keys) => {
      if (item === undefined) throw new Error('index of untyped nil');
      return keys.reduce(indexOne, item);
    },
    'any',
  ),
  slice: define(['any'], sliceOf, 'any'),
  print: define([], (...values) => sprint(values), 'any'),
  println: define([], (...values) => sprintln(values), 'any'),
  printf: define(['string'], (format, ...values) => sprintf(format as string, values), 'any'),
  html: define([], (...values) => escapeHtml(sprint(values)), 'any'),
  js: define([], (...values) => escapeJs(sprint(values)), 'any'),
  urlquery: define([], (...values) => escapeQuery(sprint(values)), 'any'),
  eq: define(['any'], (first, ...others) => equalsAny(first, others), 'any'),
  ne: define(['any', 'any'], (a, b) => !equalsAny(a, [b])),
  lt: define(['any', 'any'], (a, b) => compareValues(a, b) < 0),
  le: define(['any', 'any'], (a, b) => compareValues(a, b) <= 0),
  gt: define(['any', 'any'], (a, b) => compareValues(a, b) > 0),
  ge: define(['any', 'any'], (a, b) => compareValues(a, b) >= 0),
  // It ends in evaluate.ts: nothing that a tag knows can be called.
  call: define(['any'], (value) => value, 'any'),
};

function mapChars(text: string, map: (char: string) => string): string {
  // Go maps one character to one: `ß` stays.
  return Array.from(text, (char) => {
    const [first, ...more] = map(char);
    return more.length === 0 || char === 'İ' ? first! : char;
  }).join('');
}

function titleOf(text: string): string {
  return text.replace(/(^|[^\p{L}\p{Nd}_])(\p{L})/gu, (all, before: string, letter: string) => {
    // Beyond ASCII only blanks part words.
    const parts = before === '' || before.codePointAt(0)! < 128 || /\s/.test(before);
    return parts ? before + mapChars(letter, (char) => char.toUpperCase()) : all;
  });
}

function repeat(count: bigint): string {
  if (count < 0n) throw new Error('strings: negative Repeat count');
  if (count > BigInt(TEXT_BYTES_MAX)) throw new Error(`larsen pads with at most ${TEXT_BYTES_MAX} blanks`);
  return ' '.repeat(Number(count));
}

function truncate(text: string, length: bigint): string {
  if (length < 0n) throw new Error(`runtime error: slice bounds out of range [:${length}]`);
  const bytes = Buffer.from(text);
  return bytes.length < length ? text : bytes.subarray(0, Number(length)).toString();
}

function toJson(value: GoValue): string {
  if (isMap(value))
    return `{${sortedKeys(value)
      .map((key) => `${quoteJson(key)}:${quoteJson(value.get(key)!)}`)
      .join(',')}}`;
  if (isSlice(value)) return `[${value.map(quoteJson).join(',')}]`;
  if (typeof value === 'string') return quoteJson(value);
  if (typeof value === 'object') throw new Error(`larsen does not emulate json of ${typeName(value)}`);
  return value === undefined ? 'null' : String(value);
}

function quoteJson(text: string): string {
  return JSON.stringify(text).replace(/[\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16)}`);
}

function lengthOf(value: GoValue): bigint {
  if (typeof value === 'string') return BigInt(Buffer.byteLength(value));
  if (isSlice(value)) return BigInt(value.length);
  if (isMap(value)) return BigInt(value.size);
  throw new Error(
    value === undefined ? 'reflect: call of reflect.Value.Type on zero Value' : `len of type ${typeName(value)}`,
  );
}

function indexOne(item: GoValue, key: GoValue): GoValue {
  if (item === undefined) throw new Error('index of untyped nil');
  if (isMap(item)) {
    if (typeof key !== 'string') throw new Error(wrongKey(key));
    return item.get(key) ?? '';
  }
  if (typeof item !== 'string' && !isSlice(item)) throw new Error(`can't index item of type ${typeName(item)}`);
  const bytes = typeof item === 'string' ? Buffer.from(item) : item;
  const at = checkIndex(key, bytes.length);
  // Go checks against the length and lets the next look-up panic.
  if (at === bytes.length)
    throw new Error(`reflect: ${typeof item === 'string' ? 'string' : 'slice'} index out of range`);
  return typeof item === 'string' ? BigInt(bytes[at] as number) : item[at];
}

function wrongKey(key: GoValue): string {
  return key === undefined
    ? 'value is nil; should be of type string'
    : `value has type ${typeName(key)}; should be string`;
}

function checkIndex(key: GoValue, max: number): number {
  if (typeof key !== 'bigint') {
    throw new Error(
      key === undefined ? 'cannot index slice/array with nil' : `cannot index slice/array with type ${typeName(key)}`,
    );
  }
  if (key < 0n || key > BigInt(max)) throw new Error(`index out of range: ${key}`);
  return Number(key);
}

function sliceOf(item: GoValue, ...keys: GoValue[]): GoValue {
  if (item === undefined) throw new Error('slice of untyped nil');
  if (typeof item !== 'string' && !isSlice(item)) throw new Error(`can't slice item of type ${typeName(item)}`);
  if (keys.length > 3) throw new Error(`too many slice indexes: ${keys.length}`);
  if (keys.length === 3 && typeof item === 'string') throw new Error('cannot 3-index slice a string');
  const bytes = typeof item === 'string' ? Buffer.from(item) : item;
  const [from = 0, to = bytes.length] = keys.map((key) => checkIndex(key, bytes.length));
  if (from > to) throw new Error(`invalid slice index: ${from} > ${to}`);
  return typeof item === 'string' ? Buffer.from(item).subarray(from, to).toString() : item.slice(from, to);
}

function escapeHtml(text: string): string {
  const escapes: Record<string, string> = {
    '"': '&#34;',
    "'": '&#39;',
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '\0': '\uFFFD',
  };
  return text.replace(/["'&<>\u0000]/g, (char) => escapes[char]!);
}

function escapeJs(text: string): string {
  const escapes: Record<string, string> = { '\\': '\\\\', "'": "\\'", '"': '\\"' };
  return text.replace(
    /[\\'"<>&=\u0000-\u001f]/g,
    (char) => escapes[char] ?? `\\u${char.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`,
  );
}

function escapeQuery(text: string): string {
  return encodeURIComponent(text)
    .replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+');
}
