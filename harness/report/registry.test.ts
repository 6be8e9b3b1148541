import { describe, expect, it } from 'vitest';
import { INVALID_RUN, resultOf, VALID_RUN } from '../testing/fixtures/report-results.ts';
import { onlyRun, REPORT_FORMATS } from './registry.ts';

describe('the formats of reports', () => {
  it('render a result to a text of their own', () => {
    const result = resultOf([VALID_RUN, INVALID_RUN]);
    const starts = Object.fromEntries(
      Object.entries(REPORT_FORMATS).map(([name, format]) => [name, format.render(result).slice(0, 9)]),
    );
    expect(starts).toEqual({
      json: '{\n  "sche',
      junit: '<?xml ver',
      markdown: '## larsen',
      html: '<!doctype',
    } satisfies Record<string, string> as Record<string, string>);
  });

  it('have a file each', () => {
    const names = Object.values(REPORT_FORMATS).map((format) => format.fileName);
    expect(new Set(names).size).toBe(names.length);
  });

  it('can be told of one run alone', () => {
    const alone = onlyRun(resultOf([VALID_RUN, INVALID_RUN]), VALID_RUN);
    expect(alone).toMatchObject({ verdict: 'valid', durationMs: 74_300, runs: [VALID_RUN] });
  });
});
