import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cut, pad, textWidth, wrap } from './text-layout.ts';

const text = fc.string({ unit: fc.constantFrom('a', 'bc', ' ', 'é', '漢', 'e\u0301', '🎉'), maxLength: 80 });
const width = fc.integer({ min: 8, max: 60 });

describe('text layout', () => {
  it('never makes a line wider than asked for, and loses no character but blanks', () => {
    fc.assert(
      fc.property(text, width, (whole, columns) => {
        const lines = wrap(whole, columns);
        for (const line of lines) expect(textWidth(line)).toBeLessThanOrEqual(columns);
        expect(lines.join('').replace(/\s/g, '')).toBe(whole.replace(/\s/g, ''));
      }),
    );
  });

  it('cuts to the width and marks the cut', () => {
    expect(cut('abcdef', 4)).toBe('abc…');
    expect(cut('abcd', 4)).toBe('abcd');
    fc.assert(fc.property(text, fc.nat(60), (whole, columns) => textWidth(cut(whole, columns)) <= columns));
  });

  it('pads by columns, not by characters', () => {
    expect(pad('漢', 4)).toBe('漢  ');
    expect(pad('7', 3, 'right')).toBe('  7');
  });
});
