import { expect, test } from 'vitest';
import { compilePattern, type Pattern } from './pattern.ts';

function compile(source: string): Pattern {
  const pattern = compilePattern(source);
  if ('why' in pattern) throw new Error(pattern.why);
  return pattern;
}

const matches = (source: string, line: string) => {
  const bytes = Buffer.from(`##${line}##`);
  return compile(source).matches(bytes, 2, bytes.length - 4);
};

test('a pattern sees the line and nothing around it', () => {
  expect(matches('^GET /health$', 'GET /health')).toBe(true);
  expect(matches('#', 'GET /health')).toBe(false);
  expect(matches('grün', 'alles grün')).toBe(true);
  expect(matches('^\\d{4}-\\d\\d', '2026-11 x')).toBe(true);
});

test.each(['(?=x)y', '(a)\\1', '(?<!a)b'])('what only backtracking can run is refused: %s', (source) => {
  expect(compilePattern(source)).toEqual({ why: expect.stringContaining('bounded time') });
});

test('what is no pattern is refused with the reason', () => {
  expect(compilePattern('(')).toEqual({ why: expect.stringContaining('Unterminated group') });
});

// Each takes longer than the age of the universe where a backtracking engine is left to itself.
test.each(['^(a+)+$', '^(a|aa)+$', '^(a|a)*$', '^(\\w+\\s?)*$', '(.*)*x', '^(([a-z])+.)+[A-Z]([a-z])+$'])(
  'a pattern that explodes takes milliseconds: %s',
  (source) => {
    const line = `${'a'.repeat(15_000)}!`;
    const startedMs = performance.now();
    for (let i = 0; i < 3; i++) matches(source, line);
    expect(performance.now() - startedMs).toBeLessThan(3000);
  },
);
