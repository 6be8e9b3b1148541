// Labels of a stream: parsed from `{a="b", c="d"}`, sorted, written back in Loki's canonical form (sorted, comma and
// blank between). Empty values count as absent, as everywhere in Loki.

import { atEnd, expectSign, ParseError, quote, type TextCursor, take, takePattern, takeQuoted } from './text-cursor.ts';
import { xxhash64 } from './xxhash64.ts';

/** Sorted name and value pairs. Names can repeat: a push with a name twice is refused later, by name. */
export type Labels = readonly (readonly [name: string, value: string])[];

const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;

/** The labels of a text. Throws a ParseError. */
export function parseLabels(text: string): Labels {
  const cursor: TextCursor = { text, at: 0 };
  const labels: [string, string][] = [];
  expectSign(cursor, '{');
  while (!take(cursor, '}')) {
    const name = takePattern(cursor, NAME);
    if (name === null) throw new ParseError(cursor, 'identifier or "}"');
    expectSign(cursor, '=');
    labels.push([name, takeQuoted(cursor)]);
    if (take(cursor, ',')) continue;
    expectSign(cursor, '}');
    break;
  }
  if (!atEnd(cursor)) throw new ParseError(cursor, 'end of input');
  return sortLabels(labels.filter(([, value]) => value !== ''));
}

/** `{a="b", c="d"}`, sorted by name. */
export function formatLabels(labels: Labels): string {
  return `{${labels.map(([name, value]) => `${name}=${quote(value)}`).join(', ')}}`;
}

/** A sorted copy. */
export function sortLabels(labels: Labels): Labels {
  return [...labels].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

/** The value of a label, '' when there is none. */
export function labelValue(labels: Labels, name: string): string {
  for (const [key, value] of labels) if (key === name) return value;
  return '';
}

const SEPARATOR = '\xff';

/** The stable hash of a label set that newer versions send along with each stream. */
export function hashLabels(labels: Labels): bigint {
  const pieces = labels.flatMap(([name, value]) => [Buffer.from(name), Buffer.from(value)]);
  return xxhash64(Buffer.concat(pieces.flatMap((piece) => [piece, Buffer.from(SEPARATOR, 'latin1')])));
}
