// The committed samples are what today's larsen makes of their data. `larsen report reports/samples/NAME` renders one again.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Comparison } from '../model/comparison.ts';
import { formatComparison } from '../report/compare/markdown.ts';
import { listOutcomes } from '../report/compare/outcomes.ts';
import { renderComparison } from '../report/compare/page.ts';
import { comparisonSchema } from '../scenario/comparison-schema.ts';
import { PROJECT_ROOT } from './doc-page.ts';

const FOLDER = join(PROJECT_ROOT, 'reports/samples');
const samples = readdirSync(FOLDER, { withFileTypes: true }).filter((entry) => entry.isDirectory());
const read = (name: string, file: string): string => readFileSync(join(FOLDER, name, file), 'utf8');

it('there is a sample', () => {
  expect(samples.map(({ name }) => name)).toContain('compare-2019');
});

describe.each(samples.map(({ name }) => [name]))('%s', (name) => {
  const comparison = comparisonSchema.parse(JSON.parse(read(name, 'comparison.json'))) as unknown as Comparison;

  it('is what its data renders to', () => {
    expect(read(name, 'compare.md')).toBe(formatComparison(comparison));
    // What stands on the page; its style may move on.
    const main = (page: string): string => /<main>.*<\/main>/s.exec(page)![0];
    expect(main(read(name, 'compare.html')) === main(renderComparison(comparison)), 'compare.html is current').toBe(
      true,
    );
  });

  it('shows a difference, and one that was not shown; tells nothing of where it was made', () => {
    const outcomes = comparison.scenarios.flatMap((scenario) => listOutcomes(comparison, scenario));
    expect(outcomes.some(({ isShown }) => isShown)).toBe(true);
    expect(outcomes.some(({ sentence }) => sentence === 'no difference shown')).toBe(true);
    expect(JSON.stringify(comparison)).not.toMatch(/"\/(home|root|work|tmp|Users)/);
  });
});
