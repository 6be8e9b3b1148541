// Which rules of the config are for a stream, by its labels: found once per stream, not once per line.

import { matchesGlob } from '../codec/glob.ts';
import type { Pattern } from '../codec/pattern.ts';
import type { LineTarget } from '../model.ts';

/** Labels that must match, each with `*` for any characters. */
export type When = Readonly<Record<string, string>>;

/** A test of a line. */
export interface LineTest {
  contains?: string | undefined;
  pattern?: Pattern | undefined;
}

/** Drops a line that passes the test, or keeps only lines that do. */
export interface Filter {
  when: When;
  drop?: 'all' | LineTest | undefined;
  keep?: LineTest | undefined;
}

/** True if the rule is for the stream. */
export function applies(rule: { when: When }, target: LineTarget): boolean {
  return Object.entries(rule.when).every(([name, glob]) => matchesGlob(target.set[name] ?? '', glob));
}

/** The test of a line by bytes. */
export function createLineTest({ contains, pattern }: LineTest): Pattern {
  if (pattern !== undefined) return pattern;
  const wanted = Buffer.from(contains ?? '');
  return {
    matches: (bytes, start, length) => Buffer.from(bytes.buffer, bytes.byteOffset + start, length).includes(wanted),
  };
}
