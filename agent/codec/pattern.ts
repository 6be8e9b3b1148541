// Regular expressions of the user that cannot hang the agent. V8 has a second engine that needs time in proportion to the
// line, whatever the pattern; here its fast engine runs first and hands over after some thousand steps back. A pattern that
// only backtracking can run (lookaround, backreferences, very large counts) is refused when the config is read.

import { setFlagsFromString } from 'node:v8';

/** Only so much of a line is looked at. */
export const PATTERN_BYTES_MAX = 16_384;

/** A compiled pattern. */
export interface Pattern {
  /** True if the line `bytes[start, start + length)` matches, taken as latin1: a byte is a character. */
  matches(bytes: Uint8Array, start: number, length: number): boolean;
}

/** Compiles a pattern, or says why it cannot be used. */
export function compilePattern(source: string): Pattern | { why: string } {
  setFlagsFromString('--enable-experimental-regexp-engine');
  setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks');
  const text = Buffer.from(source, 'utf8').toString('latin1');
  let pattern: RegExp;
  try {
    pattern = new RegExp(text);
  } catch (error) {
    return { why: (error as Error).message };
  }
  try {
    RegExp(text, 'l');
  } catch {
    return { why: 'it uses lookaround, a backreference or a count too large to be run in bounded time' };
  }
  return {
    matches(bytes, start, length) {
      const size = Math.min(length, PATTERN_BYTES_MAX);
      return pattern.test(Buffer.from(bytes.buffer, bytes.byteOffset + start, size).toString('latin1'));
    },
  };
}
