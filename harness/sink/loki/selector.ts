// Log selectors: `{app="web", tag=~".+"} |= "text"`: matchers on labels, then filters on lines.

import { type Labels, labelValue } from './labels.ts';
import { Refusal } from './refusal.ts';
import { expectSign, ParseError, type TextCursor, take, takePattern, takeQuoted } from './text-cursor.ts';

/** What a log query selects. */
export interface LogSelector {
  matches(labels: Labels): boolean;
  /** Filters on the text of a line; empty: every line. */
  filters: ((line: string) => boolean)[];
}

type Test = (text: string) => boolean;

const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
const MATCHERS = ['=~', '!~', '!=', '='];
const FILTERS = ['|=', '!=', '|~', '!~'];

/** Reads a selector with its line filters. Throws a ParseError. */
export function takeSelector(cursor: TextCursor): LogSelector {
  const matchers = takeMatchers(cursor);
  if (!matchers.some(({ test }) => !test(''))) {
    throw new Refusal(
      400,
      'parse error : queries require at least one regexp or equality matcher that does not have an empty-compatible value. For instance, app=~".*" does not meet this requirement, but app=~".+" will',
    );
  }
  const filters: Test[] = [];
  for (let sign = takeOneOf(cursor, FILTERS); sign !== null; sign = takeOneOf(cursor, FILTERS)) {
    const wanted = takeQuoted(cursor);
    if (sign === '|=') filters.push((line) => line.includes(wanted));
    else if (sign === '!=') filters.push((line) => !line.includes(wanted));
    else {
      const pattern = createRegex(wanted, cursor, false);
      filters.push(sign === '|~' ? (line) => pattern.test(line) : (line) => !pattern.test(line));
    }
  }
  return { matches: (labels) => matchers.every(({ name, test }) => test(labelValue(labels, name))), filters };
}

function takeMatchers(cursor: TextCursor): { name: string; test: Test }[] {
  const matchers: { name: string; test: Test }[] = [];
  expectSign(cursor, '{');
  while (!take(cursor, '}')) {
    const name = takePattern(cursor, NAME);
    if (name === null) throw new ParseError(cursor, 'identifier or "}"');
    const sign = takeOneOf(cursor, MATCHERS);
    if (sign === null) throw new ParseError(cursor, '"=", "!=", "=~" or "!~"');
    matchers.push({ name, test: createTest(sign, takeQuoted(cursor), cursor) });
    if (take(cursor, ',')) continue;
    expectSign(cursor, '}');
    break;
  }
  return matchers;
}

function createTest(sign: string, wanted: string, cursor: TextCursor): Test {
  if (sign === '=') return (value) => value === wanted;
  if (sign === '!=') return (value) => value !== wanted;
  const pattern = createRegex(wanted, cursor, true);
  return sign === '=~' ? (value) => pattern.test(value) : (value) => !pattern.test(value);
}

/** Go's syntax is near enough to ours but for the leading flag group. */
function createRegex(text: string, cursor: TextCursor, anchored: boolean): RegExp {
  const flags = /^\(\?([ims]+)\)/.exec(text);
  const source = flags ? text.slice(flags[0].length) : text;
  try {
    return new RegExp(anchored ? `^(?:${source})$` : source, flags?.[1] ?? '');
  } catch {
    throw new ParseError(cursor, 'a regular expression');
  }
}

function takeOneOf(cursor: TextCursor, signs: readonly string[]): string | null {
  return signs.find((sign) => take(cursor, sign)) ?? null;
}
