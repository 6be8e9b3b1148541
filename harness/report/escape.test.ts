import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HOSTILE_TEXT } from '../testing/fixtures/report-results.ts';
import {
  escapeHtml,
  escapeMarkdown,
  escapeXml,
  hardenJson,
  makeOneLine,
  makeVisible,
  markdownCode,
  scriptJson,
  shellArgument,
} from './escape.ts';

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: fc.constantFrom(...'<>&"\'`|]\\@#*_[]()!:/-\n\t\r\u001b\u009b\u202e\ud800'.split('')) }),
);

describe('escaping', () => {
  it('makes every control, bidi and unpaired character visible and keeps the rest', () => {
    expect(makeVisible('a\u001b[31m\u009b\u202e\ud800\u0000é→\u{e0041}\n\t')).toBe(
      'a\\x1b[31m\\x9b\\u202e\\ud800\\x00é→\\u{e0041}\n\t',
    );
    fc.assert(
      fc.property(
        anyText,
        (text) =>
          !/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]|\p{Surrogate}/u.test(makeVisible(text)),
      ),
    );
  });

  it('leaves one line where one is asked for', () => {
    expect(makeOneLine('a\r\nb\n\n\tc\rd')).toBe('a b c\\x0dd');
    fc.assert(fc.property(anyText, (text) => !/[\r\n\t\u2028\u2029]/.test(makeOneLine(text))));
  });

  it('leaves no markup in HTML and XML, for any text', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        for (const escaped of [escapeHtml(text), escapeXml(text)]) {
          expect(escaped).not.toMatch(/[<>"']/);
          expect(escaped).not.toMatch(/&(?!(amp|lt|gt|quot|#39|#10|#9);)/);
        }
        // The Char production of XML 1.0.
        expect(escapeXml(text)).toMatch(/^[\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u);
      }),
    );
  });

  it('makes no tag, table cell, link, mention or issue reference in Markdown', () => {
    const escaped = escapeMarkdown(HOSTILE_TEXT);
    expect(escaped).not.toMatch(/(?<!\\)[|`*[\]]/);
    expect(escaped).not.toMatch(/@\w|#\d|:\/\//);
    expect(escaped.replaceAll('<!-- -->', '')).not.toMatch(/[<>]/);
    expect(escapeMarkdown('1. a www.e.example')).toBe('1\\. a www.<!-- -->e.example');
  });

  it('fences a code span longer than any run of backticks in it', () => {
    expect(markdownCode('a``b')).toBe('``` a``b ```');
    expect(markdownCode('plain')).toBe('`plain`');
    fc.assert(fc.property(anyText, (text) => !/[|\n]/.test(markdownCode(text))));
  });

  it('writes JSON that cannot end a script element and still parses to the same value', () => {
    fc.assert(
      fc.property(fc.oneof(anyText, fc.constant(HOSTILE_TEXT)), (text) => {
        const json = scriptJson({ text });
        expect(json).not.toMatch(/[<>&\u2028\u2029]/);
        expect(JSON.parse(json)).toEqual({ text });
        expect(JSON.parse(hardenJson(JSON.stringify(text)))).toBe(text);
        expect(hardenJson(JSON.stringify(text))).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
      }),
    );
  });

  it('quotes a shell argument only where it must', () => {
    expect(shellArgument('reports/runs/2026-11-22T14-21-x')).toBe('reports/runs/2026-11-22T14-21-x');
    expect(shellArgument("it's; rm -rf ~")).toBe(`'it'\\''s; rm -rf ~'`);
    expect(shellArgument('')).toBe("''");
  });
});
