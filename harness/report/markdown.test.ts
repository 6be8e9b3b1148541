import { describe, expect, it } from 'vitest';
import { HOSTILE_RUN, INVALID_RUN, resultOf, UNKNOWN_RUN, VALID_RUN } from '../testing/fixtures/report-results.ts';
import { formatMarkdown } from './markdown.ts';

describe('Markdown', () => {
  it('has the verdict, a row per run, the worst finding and the reasons of what is unknown', () => {
    expect(formatMarkdown(resultOf([VALID_RUN, INVALID_RUN, UNKNOWN_RUN]))).toMatchSnapshot();
  });

  it('keeps a table of ten columns for hostile text', () => {
    const markdown = formatMarkdown(resultOf([HOSTILE_RUN]));
    const rows = markdown.split('\n').filter((line) => line.startsWith('|'));
    expect(rows).toHaveLength(3);
    for (const row of rows) expect(row.match(/\|/g)).toHaveLength(11);
  });

  it('says when nothing was run', () => {
    expect(formatMarkdown(resultOf([]))).toContain('No run was made.');
  });
});
