// A comparison as Markdown, fit for a pull request: verdicts, one table for each scenario, what was shown.

import type { Comparison, ComparisonScenario } from '../../model/comparison.ts';
import { VERDICT_SYMBOLS } from '../describe.ts';
import { escapeMarkdown, markdownCode } from '../escape.ts';
import { describeIntervals, describeSummary } from './describe-measure.ts';
import { describeVerdicts, listOutcomes } from './outcomes.ts';

/** The Markdown text of compare.md. */
export function formatComparison(comparison: Comparison): string {
  const names = comparison.agents.map(({ name }) => markdownCode(name));
  const lines = [
    `## larsen compare: ${names.join(' · ')}`,
    '',
    ...comparison.scenarios.flatMap((scenario) => formatScenario(comparison, scenario)),
    `${escapeMarkdown(describeIntervals(comparison))} A difference is called shown where an exact Mann–Whitney test, adjusted for the number of measures, leaves chance less than 5 %.`,
    '',
    `<sub>larsen ${escapeMarkdown(comparison.larsen)} · ${VERDICT_SYMBOLS[comparison.verdict]} ${comparison.verdict} · seed ${comparison.seed} · ${comparison.repeats} repeats, interleaved in random order · started ${escapeMarkdown(comparison.startedAt)}</sub>`,
  ];
  return `${lines.join('\n')}\n`;
}

function formatScenario(comparison: Comparison, scenario: ComparisonScenario): string[] {
  const { cells } = scenario;
  const row = (cellTexts: readonly string[]): string => `| ${cellTexts.join(' | ')} |`;
  const shown = listOutcomes(comparison, scenario).filter((outcome) => outcome.isShown);
  return [
    `### ${markdownCode(scenario.scenario)}`,
    '',
    row(['', ...cells.map(({ agent }) => markdownCode(agent))]),
    row(['---', ...cells.map(() => '---:')]),
    row(['verdict', ...cells.map(({ verdicts }) => describeVerdicts(verdicts))]),
    row(['findings', ...cells.map(({ findings }) => describeFindings(findings))]),
    ...comparison.measures.map((measure) =>
      row([
        measure.label,
        ...cells.map(({ agent, measures }) => {
          const summary = measures.find((summarised) => summarised.measure === measure.id)!;
          const isBest = shown.some((outcome) => outcome.measure === measure && outcome.winner === agent);
          const text = describeSummary(measure.unit, summary);
          return isBest ? `**${text}**` : text;
        }),
      ]),
    ),
    '',
    ...(shown.length > 0
      ? shown.map(({ measure, sentence }) => `- ${measure.label}: ${escapeMarkdown(sentence)}`)
      : ['No difference shown in any measure.']),
    '',
  ];
}

function describeFindings(findings: Record<string, number>): string {
  const said = Object.entries(findings).map(([name, count]) => `${markdownCode(name)} × ${count}`);
  return said.length > 0 ? said.join(' ') : 'none';
}
