// Who wins at what and by how much, in sentences. Only shown differences make a winner; where nothing was shown, that is
// what is said, and why.

import type { Comparison, ComparisonContrast, ComparisonScenario, Measure } from '../../model/comparison.ts';
import { makeOneLine } from '../escape.ts';
import { describeDifference, describeIntervals, describeSummary, describeValue } from './describe-measure.ts';

/** What one measure shows in one scenario. */
export interface MeasureOutcome {
  measure: Measure;
  /** The agent that has less than every other, if there is one. */
  winner: string | null;
  /** Whether any difference was shown. */
  isShown: boolean;
  sentence: string;
  /** The agents' values in a row, where the sentence does not tell them. */
  values: string;
}

/** The outcome of each measure in a scenario, in the order of measures. */
export function listOutcomes({ measures }: Comparison, scenario: ComparisonScenario): MeasureOutcome[] {
  return measures.map((measure) => {
    const contrasts = scenario.contrasts.filter((contrast) => contrast.measure === measure.id);
    const shown = contrasts.filter(isShown);
    const winner = findWinner(scenario, shown);
    return {
      measure,
      winner,
      isShown: shown.length > 0,
      sentence: describeOutcome({ measure, scenario, contrasts, shown, winner }),
      values: winner === null ? listValues(measure, scenario, contrasts) : '',
    };
  });
}

/** All of a comparison as text for a terminal. */
export function describeOutcomes(comparison: Comparison): string {
  const lines = comparison.scenarios.flatMap((scenario) => [
    makeOneLine(scenario.scenario),
    ...scenario.cells.map(
      (cell) => `  ${makeOneLine(cell.agent).padEnd(nameWidth(scenario))}  ${describeVerdicts(cell.verdicts)}`,
    ),
    ...listOutcomes(comparison, scenario).map(({ measure, sentence, values }) =>
      makeOneLine(`  ${measure.group.padEnd(5)} ${measure.label}: ${sentence}${values === '' ? '' : ` (${values})`}`),
    ),
    '',
  ]);
  return [...lines, describeIntervals(comparison)].join('\n');
}

/** E.g. `invalid 5 of 5` or `valid 4, unknown 1 of 5`. */
export function describeVerdicts(verdicts: Record<string, number>): string {
  const total = Object.values(verdicts).reduce((sum, count) => sum + count, 0);
  const said = Object.entries(verdicts).filter(([, count]) => count > 0);
  if (said.length === 0) return 'not run';
  return `${said.map(([verdict, count]) => `${verdict} ${count}`).join(', ')} of ${total}`;
}

function nameWidth({ cells }: ComparisonScenario): number {
  return Math.max(...cells.map(({ agent }) => agent.length));
}

function isShown({ outcome }: ComparisonContrast): boolean {
  return outcome === 'a' || outcome === 'b';
}

function betterOf({ outcome, a, b }: ComparisonContrast): string {
  return outcome === 'a' ? a : b;
}

function findWinner({ cells }: ComparisonScenario, shown: readonly ComparisonContrast[]): string | null {
  const wins = (agent: string): number => shown.filter((contrast) => betterOf(contrast) === agent).length;
  return cells.find(({ agent }) => cells.length > 1 && wins(agent) === cells.length - 1)?.agent ?? null;
}

function describeOutcome({
  measure,
  scenario,
  contrasts,
  shown,
  winner,
}: {
  measure: Measure;
  scenario: ComparisonScenario;
  contrasts: readonly ComparisonContrast[];
  shown: readonly ComparisonContrast[];
  winner: string | null;
}): string {
  const describeOf = (agent: string): string => {
    const summary = scenario.cells.find((cell) => cell.agent === agent)?.measures.find((m) => m.measure === measure.id);
    return summary ? describeSummary(measure.unit, summary) : '–';
  };
  if (winner !== null) {
    const against = shown
      .filter((contrast) => betterOf(contrast) === winner)
      .map((contrast) => {
        const other = contrast.a === winner ? contrast.b : contrast.a;
        return `${describeOf(other)} with ${other} (${describeDifference(measure.unit, contrast.shift!)} more)`;
      });
    return `${winner} wins: ${describeOf(winner)} against ${against.join(' and ')}`;
  }
  if (shown.length > 0)
    return shown
      .map((contrast) => {
        const better = betterOf(contrast);
        const other = contrast.a === better ? contrast.b : contrast.a;
        return `${better} has ${describeDifference(measure.unit, contrast.shift!)} less than ${other}`;
      })
      .join('; ')
      .concat('; otherwise no difference shown');
  return describeNothing(measure, scenario, contrasts);
}

function describeNothing(
  measure: Measure,
  scenario: ComparisonScenario,
  contrasts: readonly ComparisonContrast[],
): string {
  const has = (outcome: string): boolean => contrasts.some((contrast) => contrast.outcome === outcome);
  if (isAlike(contrasts)) {
    const value = scenario.cells[0]?.measures.find((summary) => summary.measure === measure.id)?.median ?? null;
    return `the same in every run, ${describeValue(measure.unit, value)}`;
  }
  if (contrasts.every(({ outcome }) => outcome === 'not-measured')) return 'not measured';
  return has('too-few') ? 'no difference shown; so few judged runs could not show one' : 'no difference shown';
}

function listValues(measure: Measure, scenario: ComparisonScenario, contrasts: readonly ComparisonContrast[]): string {
  if (isAlike(contrasts) || contrasts.every(({ outcome }) => outcome === 'not-measured')) return '';
  const values = scenario.cells.map(({ agent, measures }) => {
    const summary = measures.find((summarised) => summarised.measure === measure.id);
    return `${agent} ${summary ? describeSummary(measure.unit, summary) : '–'}`;
  });
  return values.join(', ');
}

/** Whether every run of every agent gave the same value. */
function isAlike(contrasts: readonly ComparisonContrast[]): boolean {
  return contrasts.length > 0 && contrasts.every(({ outcome }) => outcome === 'same');
}
