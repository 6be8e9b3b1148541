import fc from 'fast-check';
import { expect, test } from 'vitest';
import { splitLine, truncateLine } from './cut.ts';

const MARK = Buffer.from(' [truncated]');
const longText = fc.tuple(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 300 }),
  fc.integer({ min: 20, max: 80 }),
);

test('parts are all within the bound, hold every byte, and cut no character', () => {
  fc.assert(
    fc.property(longText, ([text, lineMax]) => {
      const line = Buffer.from(text);
      const parts = splitLine(line, lineMax);
      expect(Buffer.concat(parts)).toEqual(line);
      for (const part of parts) expect(part.length).toBeLessThanOrEqual(lineMax);
      expect(parts.map((part) => Buffer.from(part).toString()).join('')).toBe(line.toString());
    }),
  );
});

test('a truncated line is a beginning with the mark behind it, within the bound', () => {
  fc.assert(
    fc.property(longText, ([text, lineMax]) => {
      const line = Buffer.from(text.padEnd(lineMax + 1, 'é'));
      const cut = Buffer.from(truncateLine(line, lineMax, MARK)).toString();
      expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(lineMax);
      expect(cut.endsWith(MARK.toString())).toBe(true);
      expect(line.toString().startsWith(cut.slice(0, -MARK.length))).toBe(true);
    }),
  );
});

test('bytes that are no text are cut anywhere', () => {
  const line = Buffer.alloc(100, 0x80);
  expect(splitLine(line, 30).map((part) => part.length)).toEqual([30, 30, 30, 10]);
});
