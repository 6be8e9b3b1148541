// Is an unwrapped entry the line that was written, and whole?

import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLineIdScanner } from '../model/line-id.ts';
import { showText } from '../model/shown-text.ts';
import { classifyLine, type FoundId } from './classify-line.ts';
import { makeLine, RUN } from './testing/sink-lines.ts';
import type { WrittenLine } from './written-lookup.ts';

const scanner = createLineIdScanner(RUN, ['web']);

function findId(text: string): FoundId {
  const found: FoundId[] = [];
  scanner.scan(Buffer.from(text), (id) => found.push(id));
  return found[0]!;
}

function classify(text: string, written?: WrittenLine) {
  return classifyLine(Buffer.from(text), findId(text), written);
}

function recorded(text: string, idOffset: number): WrittenLine {
  return { bytes: Buffer.byteLength(text), crc: crc32(text), hasCrc: true, idOffset };
}

const anyText = fc.string({ unit: 'grapheme', maxLength: 60 });

describe('against what the app recorded', () => {
  const { text } = makeLine(7, { before: 'GET /', after: ' 200 OK' });
  const written = recorded(text, 5);

  it.each([
    ['the same bytes', text, 'exact'],
    ['a beginning', text.slice(0, -3), 'truncated'],
    ['as many other bytes', text.replace('200', '500'), 'rewritten'],
    ['more behind it', `${text} more`, 'rewritten'],
    ['something before the id that was not there', `error: ${text}`, null],
    ['something missing before the id', text.slice(2), null],
  ])('%s', (_, entry, form) => expect(classify(entry, written)).toBe(form));

  it('allows for what replacement characters add, before the id and behind it', () => {
    expect(classify(text.replace('/', '\uFFFD'), written)).toBe('rewritten');
    expect(classify(text.replace('OK', '\uFFFD\uFFFD'), written)).toBe('rewritten');
  });

  it.each([
    [text, 'exact'],
    [text.slice(0, -1), 'truncated'],
    [text.replace('200', '500'), 'rewritten'],
    [`${text}.`, null],
  ])('without the place of the id goes by length: %s', (entry, form) =>
    expect(classify(entry, recorded(text, -1))).toBe(form),
  );

  it('a line that is no UTF-8 is exact in all that JSON can show of it, however a decoder replaces the rest', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), (noise) => {
        const line = Buffer.concat([Buffer.from(`${text} `), Buffer.from([0xe9, 0x20, 0xff]), noise]);
        const known: WrittenLine = { bytes: line.length, crc: crc32(line), hasCrc: true, idOffset: 5 };
        known.shown = { bytes: showText(line).length, crc: crc32(showText(line)) };
        const asJs = line.toString();
        const asGo = asJs.replaceAll('\uFFFD', '\uFFFD\uFFFD');
        expect([classify(asJs, known), classify(asGo, known)]).toEqual(['exact', 'exact']);
        expect(classify(line.toString('latin1'), known)).toBe('rewritten');
        expect(classify(asJs.replace('200', '500'), known)).toMatch(/rewritten|truncated/);
        expect(classify(line.subarray(0, Buffer.byteLength(text) + 2).toString(), known)).toBe('truncated');
      }),
    );
  });

  it('a line that was cut through a letter is truncated, though U+FFFD is longer than what is missing', () => {
    const line = makeLine(3, { before: '', after: ' and é' });
    const torn = Buffer.from(line.text).subarray(0, -1).toString();
    expect(Buffer.byteLength(torn)).toBeGreaterThan(Buffer.byteLength(line.text));
    expect(classify(torn, recorded(line.text, 0))).toBe('truncated');
  });

  it('nothing but the line is exact, whatever it looks like', () => {
    fc.assert(
      fc.property(anyText, anyText, anyText, (before, after, other) => {
        const line = makeLine(1, { before, after });
        const known = recorded(line.text, Buffer.byteLength(before));
        expect(classify(line.text, known)).toBe('exact');
        if (other !== '') expect(classify(line.text + other, known)).not.toBe('exact');
        const cut = line.text.slice(0, before.length + line.id.length);
        if (after !== '') expect(classify(cut, known)).toBe('truncated');
      }),
    );
  });
});

describe('against the id alone, where nobody recorded the bytes', () => {
  const { text } = makeLine(7, { before: 'GET /', after: ' 200 OK' });

  it.each([
    ['the same bytes', text, 'exact'],
    ['a beginning', text.slice(0, -3), 'truncated'],
    ['as many other bytes', text.replace('200', '500'), 'rewritten'],
    ['the line and something behind it', `${text}, again`, 'rewritten'],
    ['something before the line', `error: ${text}`, null],
  ])('%s', (_, entry, form) => expect(classify(entry)).toBe(form));

  it('an id made before the line verifies nothing but a text that is too long', () => {
    const request = makeLine(7, { before: 'GET /', after: ' 200', isRequest: true });
    const seen: WrittenLine = { bytes: request.text.length, crc: 0, hasCrc: false, idOffset: -1 };
    expect(classify(request.text)).toBe('unverified');
    expect(classify(request.text, seen)).toBe('unverified');
    expect(classify(`error: ${request.text}`, seen)).toBeNull();
  });

  it('the checksum stands for the bytes around the id, so the line is known again without a record', () => {
    fc.assert(
      fc.property(anyText, anyText, (before, after) => {
        fc.pre(before !== '' || after !== '');
        expect(classify(makeLine(3, { before, after }).text)).toBe('exact');
      }),
    );
  });
});
