import { describe, expect, it } from 'vitest';
import { HOSTILE_RUN, INVALID_RUN, resultOf, UNKNOWN_RUN, VALID_RUN } from '../testing/fixtures/report-results.ts';
import { formatJunit } from './junit.ts';

/** Checks what makes XML well-formed: balanced elements, quoted attributes, known entities, valid characters. */
function expectWellFormed(xml: string): void {
  expect(xml).toMatch(/^[\t\n\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u);
  const open: string[] = [];
  const rest = xml
    .replace(/^<\?xml [^?]*\?>/, '')
    .replace(/<!\[CDATA\[.*?\]\]>/gs, '')
    .replace(
      /<(\/?)([a-z]+)((?: [a-z]+="[^"<]*")*)(\/?)>/g,
      (_, closing: string, name: string, attributes: string, empty: string) => {
        expect(attributes).not.toMatch(/&(?!(amp|lt|gt|quot|#39|#10|#9);)/);
        if (closing) expect(open.pop()).toBe(name);
        else if (!empty) open.push(name);
        return '';
      },
    );
  expect(open).toEqual([]);
  expect(rest.trim()).toBe('');
}

describe('JUnit XML', () => {
  it('has a suite per run, a failure where invalid and an error where unknown', () => {
    const xml = formatJunit(resultOf([VALID_RUN, INVALID_RUN, UNKNOWN_RUN]));
    expectWellFormed(xml);
    expect(xml).toMatchSnapshot();
  });

  it('stays well-formed for hostile text', () => {
    expectWellFormed(formatJunit(resultOf([HOSTILE_RUN])));
  });

  it('is not green when only the run itself is unknown', () => {
    const xml = formatJunit(resultOf([{ ...VALID_RUN, verdict: 'unknown', reasons: ['interrupted'] }]));
    expect(xml).toContain('tests="4" failures="0" errors="1"');
    expect(xml).toContain('<error type="unknown" message="interrupted">');
  });
});
