// The part of LogQL that reading back and counting need: log selectors, and count_over_time or bytes_over_time of
// one, bare or summed, with or without `by`.

import { type LogSelector, takeSelector } from './selector.ts';
import { atEnd, expectSign, ParseError, type TextCursor, take, takePattern } from './text-cursor.ts';
import { parseLokiDuration } from './time.ts';

/** A parsed query. */
export type Query = { kind: 'log'; selector: LogSelector } | MetricQuery;

/** A count over a range of time before the evaluated moment. */
export interface MetricQuery {
  kind: 'metric';
  selector: LogSelector;
  counts: 'entries' | 'bytes';
  rangeNs: bigint;
  /** null: one result per stream. Otherwise summed by these labels, by none for a plain sum. */
  sumBy: string[] | null;
}

const WORD = /[A-Za-z_][A-Za-z0-9_]*/y;
const RANGE = /[0-9a-zµ.]+/y;
const COUNTS = { count_over_time: 'entries', bytes_over_time: 'bytes' } as const;

/** Parses a query. Throws a ParseError. */
export function parseQuery(text: string): Query {
  const cursor: TextCursor = { text, at: 0 };
  const query = parseExpression(cursor);
  if (!atEnd(cursor)) throw new ParseError(cursor, 'end of query');
  return query;
}

function parseExpression(cursor: TextCursor): Query {
  const word = takePattern(cursor, WORD);
  if (word === null) return { kind: 'log', selector: takeSelector(cursor) };
  if (word !== 'sum') return parseCount(cursor, word);
  const before = takeGrouping(cursor);
  expectSign(cursor, '(');
  const inner = takePattern(cursor, WORD);
  if (inner === null) throw new ParseError(cursor, 'count_over_time or bytes_over_time');
  const count = parseCount(cursor, inner);
  expectSign(cursor, ')');
  return { ...count, sumBy: before ?? takeGrouping(cursor) ?? [] };
}

function parseCount(cursor: TextCursor, word: string): MetricQuery {
  if (!Object.hasOwn(COUNTS, word)) throw new ParseError(cursor, 'sum, count_over_time or bytes_over_time before');
  expectSign(cursor, '(');
  const selector = takeSelector(cursor);
  expectSign(cursor, '[');
  const rangeNs = parseLokiDuration(takePattern(cursor, RANGE) ?? '');
  if (rangeNs === null) throw new ParseError(cursor, 'a duration before');
  expectSign(cursor, ']');
  expectSign(cursor, ')');
  return { kind: 'metric', selector, counts: COUNTS[word as keyof typeof COUNTS], rangeNs, sumBy: null };
}

function takeGrouping(cursor: TextCursor): string[] | null {
  if (!take(cursor, 'by')) return null;
  expectSign(cursor, '(');
  const names: string[] = [];
  while (!take(cursor, ')')) {
    const name = takePattern(cursor, WORD);
    if (name === null) throw new ParseError(cursor, 'identifier or ")"');
    names.push(name);
    if (!take(cursor, ',')) {
      expectSign(cursor, ')');
      break;
    }
  }
  return names;
}
