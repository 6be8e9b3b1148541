import fc from 'fast-check';
import { expect, test } from 'vitest';
import { matchesGlob } from './glob.ts';

test('a glob matches what its regular expression matches', () => {
  const text = fc.stringMatching(/^[ab.]{0,12}$/);
  const glob = fc.stringMatching(/^[ab.*]{0,8}$/);
  fc.assert(
    fc.property(text, glob, (subject, pattern) => {
      const source = pattern.replaceAll('.', '\\.').replaceAll('*', '.*');
      expect(matchesGlob(subject, pattern)).toBe(new RegExp(`^${source}$`).test(subject));
    }),
    { numRuns: 2000 },
  );
});

test('a glob of many stars is quick', () => {
  expect(matchesGlob('a'.repeat(10_000), `${'*a'.repeat(50)}b`)).toBe(false);
});
