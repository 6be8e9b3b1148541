import { describe, expect, it } from 'vitest';
import { comparisonSchema } from '../../scenario/comparison-schema.ts';
import { createComparison } from '../../testing/fixtures/comparison.ts';
import { HOSTILE_TEXT } from '../../testing/fixtures/report-results.ts';
import { formatComparison } from './markdown.ts';
import { describeOutcomes, listOutcomes } from './outcomes.ts';
import { renderComparison } from './page.ts';

describe('the outcomes of a comparison', () => {
  it('say who wins at what and by how much, and where nothing was shown', () => {
    expect(describeOutcomes(createComparison())).toMatchInlineSnapshot(`
      "loop/refused-batch
        naive    invalid 5 of 5
        bounded  valid 5 of 5
        loss  lines lost or rejected: bounded wins: 0 % against 42 % (39 % to 45 %) with naive (42 points more)
        loss  copies too many: the same in every run, 0 %
        stall longest write of a blocking app: bounded wins: 3 ms (2 ms to 4 ms) against 31.0 s (29.5 s to 33.0 s) with naive (31.0 s more)
        stall time spent blocked: not measured
        stall requests without a good answer: not measured
        loop  own output per app byte: not measured
        cost  CPU seconds per million lines: no difference shown (naive 10 s (8 s to 14 s), bounded 10 s (8.5 s to 13 s))
        cost  memory at its peak: not measured
        cost  pushed bytes per million lines: not measured

      Median of 5 repeats; the interval behind it holds the true median with a probability of at least 93.7 %."
    `);
  });

  it('make no winner of a difference that was not shown', () => {
    const comparison = createComparison();
    const outcomes = listOutcomes(comparison, comparison.scenarios[0]!);
    expect(outcomes.filter(({ winner }) => winner !== null).map(({ measure }) => measure.id)).toEqual([
      'lostShare',
      'longestWriteMs',
    ]);
  });

  it('say so where the repeats were too few', () => {
    const comparison = createComparison();
    for (const contrast of comparison.scenarios[0]!.contrasts) contrast.outcome = 'too-few';
    expect(describeOutcomes(comparison)).toContain('so few judged runs could not show one');
  });
});

describe('the files of a comparison', () => {
  it('fit the published schema', () => {
    expect(comparisonSchema.parse(JSON.parse(JSON.stringify(createComparison())))).toBeTruthy();
  });

  it('compare.md is this', () => {
    expect(formatComparison(createComparison())).toMatchSnapshot();
  });

  it('compare.html holds every run, the diff, and a line to do it again', () => {
    const page = renderComparison(createComparison());
    expect(page.match(/class="strip-dot"/g)).toHaveLength(2 * 4 * 5);
    expect(page).toContain('<span class="diff-added">+flush 1s</span>');
    expect(page).toContain('--scenario loop/refused-batch --seed 7 --repeat 5');
    expect(page).toContain('href="./loop--0--repeat-1/report.html"');
  });

  it('run nothing that an agent is called', () => {
    const [plain, hostile] = [createComparison(), createComparison(HOSTILE_TEXT)];
    const page = renderComparison(hostile);
    expect(page.match(/<script/g)).toHaveLength(renderComparison(plain).match(/<script/g)!.length);
    expect(page).not.toMatch(/<img|[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e]/);
    const text = formatComparison(hostile) + describeOutcomes(hostile);
    expect(text).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e]/);
    expect(formatComparison(hostile).split('\n')).toHaveLength(formatComparison(plain).split('\n').length);
  });
});
