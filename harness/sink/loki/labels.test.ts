import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatLabels, hashLabels, parseLabels } from './labels.ts';
import { ParseError } from './text-cursor.ts';
import { xxhash64 } from './xxhash64.ts';

const name = fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]{0,10}$/);
const value = fc.string({ unit: 'grapheme', minLength: 1 });

describe('parseLabels', () => {
  it('parsed(formatted(labels)) = labels, in order of names', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(name, value), { selector: ([key]) => key }), (labels) => {
        const sorted = [...labels].sort(([a], [b]) => (a < b ? -1 : 1));
        expect(parseLabels(formatLabels(labels))).toEqual(sorted);
      }),
    );
  });

  it('takes blanks, a comma at the end, and all three quotes of Go', () => {
    expect(parseLabels(` { b = 'x' , a=\`y\\n\`, c="\\x41\\u00e9\\101\\t", } `)).toEqual([
      ['a', 'y\\n'],
      ['b', 'x'],
      ['c', 'AéA\t'],
    ]);
  });

  it('parses or throws a ParseError for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'{}=",a \\\'`1') }), (text) => {
        try {
          parseLabels(text);
        } catch (error) {
          expect(error).toBeInstanceOf(ParseError);
        }
      }),
    );
  });
});

describe('xxhash64', () => {
  it.each([
    ['', 'ef46db3751d8e999'],
    ['a', 'd24ec4f1a98c6e5b'],
    ['abc', '44bc2cf5ad770999'],
    ['Nobody inspects the spammish repetition', 'fbcea83c8a378bf1'],
  ])('hashes %j as the reference does', (text, hash) => {
    expect(xxhash64(Buffer.from(text)).toString(16)).toBe(hash);
  });

  it('tells label sets apart whose texts run together', () => {
    expect(hashLabels([['a', 'bc']])).not.toBe(hashLabels([['ab', 'c']]));
  });
});
