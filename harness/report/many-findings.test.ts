// Hundreds of findings, runs and reasons: each format stays readable and says how many it leaves out.

import { describe, expect, it } from 'vitest';
import { INVALID_RUN, resultOf, UNKNOWN_RUN, VALID_RUN } from '../testing/fixtures/report-results.ts';
import { renderFindings } from './html/findings-section.ts';
import { formatJunit } from './junit.ts';
import { formatMarkdown } from './markdown.ts';

const COUNT = 500;
const [FIRST] = INVALID_RUN.findings;
const FINDINGS = Array.from({ length: COUNT }, (_, index) => ({
  ...FIRST!,
  title: `<b>Trouble</b> number ${index}.`,
  evidence: Array.from({ length: 100 }, (_, event) => `history#${event}` as const),
}));
const RUN = { ...INVALID_RUN, findings: FINDINGS };

describe('hundreds of findings', () => {
  it('fold to rows on the page, each with its number', () => {
    const page = renderFindings(FINDINGS, { get: () => undefined } as never);
    expect(page.match(/<article>/g)).toHaveLength(30);
    expect(page).toContain('470 more findings');
    expect(page.match(/id="finding-\d+"/g)).toHaveLength(COUNT);
    expect(page).not.toContain('<b>Trouble');
  });

  it('are counted in JUnit, the first twenty in full', () => {
    const xml = formatJunit(resultOf([RUN]));
    expect(xml.match(/Trouble&lt;\/b&gt; number/g)).toHaveLength(1);
    expect(xml.match(/Trouble<\/b> number/g)).toHaveLength(20);
    expect(xml).toContain('(and 499 more)');
    expect(xml).toContain('and 480 more in result.json');
    expect(xml).toContain('history#7 and 92 more');
  });
});

describe('hundreds of runs', () => {
  const runs = [...Array.from({ length: COUNT }, () => VALID_RUN), ...Array.from({ length: 40 }, () => UNKNOWN_RUN)];
  const text = formatMarkdown(resultOf(runs));

  it('leave the valid ones out of the table first', () => {
    expect(text.match(/^\| . unknown/gm)).toHaveLength(40);
    expect(text.match(/^\| . valid/gm)).toHaveLength(10);
    expect(text).toContain('490 more runs in result.json.');
  });

  it('name the first reasons and how many there are', () => {
    expect(text.split('Why unknown:')[1]!.match(/^- /gm)).toHaveLength(21);
    expect(text).toMatch(/- and \d+ more in result\.json/);
  });
});
