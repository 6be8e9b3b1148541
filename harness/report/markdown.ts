// A summary fit for a pull request: the verdict, one row per run, the worst finding in five lines, why anything is
// unknown. Text from outside is escaped: it can neither format the comment nor mention anybody.

import type { Result, RunResult } from '../model/run.ts';
import { describeReasons, describeRun, describeWindow, keyFigures, sortFindings, VERDICT_SYMBOLS } from './describe.ts';
import { escapeMarkdown, markdownCode, shellArgument } from './escape.ts';
import { describeImages } from './used-images.ts';

/** The Markdown text. */
export function formatMarkdown(result: Result): string {
  const lines = [
    `## larsen: ${VERDICT_SYMBOLS[result.verdict]} ${result.verdict}`,
    '',
    ...formatTable(result.runs),
    ...formatFirstFailure(result.runs),
    ...formatUnknown(result.runs),
    ...formatImages(result.runs),
    '',
    `<sub>larsen ${escapeMarkdown(result.larsen)} · started ${escapeMarkdown(result.startedAt)} · ${Math.round(result.durationMs / 1_000)} s</sub>`,
  ];
  return `${lines.join('\n')}\n`;
}

/** Runs in the table and reasons below it; the rest stands in result.json. */
const ROWS_MAX = 50;
const REASONS_MAX = 20;

const HEADER = [
  'verdict',
  'scenario',
  'agent',
  'due',
  'stored',
  'lost',
  'duplicated',
  'longest write',
  'howl',
  'seconds',
];

function formatTable(runs: readonly RunResult[]): string[] {
  if (runs.length === 0) return ['No run was made.'];
  const cells = (texts: string[]): string => `| ${texts.join(' | ')} |`;
  const rows = chooseRows(runs)
    .map(describeRun)
    .map((row) => {
      const figures = [row.due, row.stored, row.lost, row.duplicated, row.longestWrite, row.howl, row.seconds];
      return cells([
        `${VERDICT_SYMBOLS[row.verdict]} ${row.verdict}`,
        markdownCode(row.scenario),
        markdownCode(row.agent),
        ...figures,
      ]);
    });
  const table = [cells(HEADER), cells(HEADER.map((_, index) => (index < 3 ? '---' : '---:'))), ...rows];
  return rows.length < runs.length ? [...table, '', `${runs.length - rows.length} more runs in result.json.`] : table;
}

/** As they come; where they are too many, those that are not valid first. */
function chooseRows(runs: readonly RunResult[]): readonly RunResult[] {
  if (runs.length <= ROWS_MAX) return runs;
  const isValid = ({ verdict }: RunResult): boolean => verdict === 'valid';
  return [...runs.filter((run) => !isValid(run)), ...runs.filter(isValid)].slice(0, ROWS_MAX);
}

/** The worst finding of the first invalid run. */
function formatFirstFailure(runs: readonly RunResult[]): string[] {
  const run = runs.find((candidate) => candidate.verdict === 'invalid');
  const [finding, ...others] = sortFindings(run?.findings ?? []);
  if (!run || !finding) return [];
  const figures = keyFigures(finding.numbers).map(({ label, text }) => `${escapeMarkdown(label)} ${text}`);
  return [
    '',
    `**${escapeMarkdown(finding.title)}**`,
    '',
    `- ${markdownCode(`${finding.checker}/${finding.class}`)} at ${markdownCode(finding.hop)} in ${markdownCode(run.scenario)} × ${markdownCode(run.agent)}`,
    `- ${describeWindow(finding)}${figures.length > 0 ? `: ${figures.join(', ')}` : ''}`,
    finding.remedy
      ? `- Change ${markdownCode(finding.remedy.key)}: ${escapeMarkdown(finding.remedy.text)}`
      : '- No single config key is known to cause this',
    `- Again: ${markdownCode(`larsen replay ${shellArgument(run.folder)}`)}${others.length > 0 ? ` (${others.length} more ${others.length === 1 ? 'finding' : 'findings'} in this run)` : ''}`,
  ];
}

function formatUnknown(runs: readonly RunResult[]): string[] {
  const unknown = runs.filter((run) => run.verdict === 'unknown');
  if (unknown.length === 0) return [];
  const reasons = unknown.flatMap((run) =>
    describeReasons(run).map(
      (reason) => `- ${markdownCode(run.scenario)} × ${markdownCode(run.agent)}: ${escapeMarkdown(reason)}`,
    ),
  );
  const more = reasons.length - REASONS_MAX;
  const told = more > 0 ? [...reasons.slice(0, REASONS_MAX), `- and ${more} more in result.json`] : reasons;
  return ['', 'Why unknown:', '', ...told];
}

function formatImages(runs: readonly RunResult[]): string[] {
  const said = describeImages(runs);
  return said.length === 0 ? [] : ['', `Judged with ${said.map(escapeMarkdown).join(', ')}.`];
}
