// The verdict table of the terminal: one row per run. Columns are as wide as their content; where the terminal is
// too narrow the agent moves to a line of its own, and where that is not enough each run becomes two lines of text.

import type { RunResult } from '../model/run.ts';
import type { Verdict } from '../model/verdict.ts';
import { describeRun, type RunRow, VERDICT_SYMBOLS } from './describe.ts';
import { makeOneLine } from './escape.ts';
import type { Paint } from './terminal-paint.ts';
import { cut, pad, textWidth, wrap } from './text-layout.ts';

/** Lines of the verdict table, at most `width` columns each. */
export function formatVerdictTable(
  runs: readonly RunResult[],
  { paint, width }: { paint: Paint; width: number },
): string[] {
  const rows = runs.map(describeRun).map(clean);
  const wide = layOut(rows, [...NAMES, ...FIGURES], { paint, width });
  if (wide) return wide;
  const narrow = layOut(rows, [NAMES[0]!, ...FIGURES], { paint, width });
  return narrow ?? rows.flatMap((row) => stacked(row, { paint, width }));
}

interface Column {
  key: keyof RunRow;
  title: string;
  align: 'left' | 'right';
}

const NAMES: Column[] = [
  { key: 'scenario', title: 'scenario', align: 'left' },
  { key: 'agent', title: 'agent', align: 'left' },
];

const FIGURES: Column[] = [
  { key: 'due', title: 'due', align: 'right' },
  { key: 'stored', title: 'stored', align: 'right' },
  { key: 'lost', title: 'lost', align: 'right' },
  { key: 'duplicated', title: 'dupl.', align: 'right' },
  { key: 'longestWrite', title: 'write max', align: 'right' },
  { key: 'howl', title: 'howl', align: 'right' },
  { key: 'seconds', title: 'secs', align: 'right' },
];

const VERDICT_COLUMNS = 9;
const GAP = '  ';

function clean(row: RunRow): RunRow {
  return { ...row, scenario: makeOneLine(row.scenario), agent: makeOneLine(row.agent) };
}

/** The table with these columns, or undefined when the names would have to be cut. */
function layOut(
  rows: RunRow[],
  columns: Column[],
  { paint, width }: { paint: Paint; width: number },
): string[] | undefined {
  const widths = columns.map((column) =>
    Math.max(textWidth(column.title), ...rows.map((row) => textWidth(row[column.key]))),
  );
  const total = VERDICT_COLUMNS + widths.reduce((sum, columnWidth) => sum + GAP.length + columnWidth, 0);
  if (total > width) return undefined;
  const cells = (text: (column: Column) => string): string =>
    columns.map((column, index) => GAP + pad(text(column), widths[index]!, column.align)).join('');
  const header = paint.dim(' '.repeat(VERDICT_COLUMNS) + cells((column) => column.title));
  const withAgent = columns.some((column) => column.key === 'agent');
  const lines = rows.flatMap((row) => {
    const line = verdictWord(row.verdict, paint) + paintedCells(row, cells, paint);
    return withAgent ? [line] : [line, agentLine(row, { paint, width })];
  });
  return [header, ...lines];
}

function paintedCells(row: RunRow, cells: (text: (column: Column) => string) => string, paint: Paint): string {
  const line = cells((column) => row[column.key]);
  return row.verdict === 'invalid' ? paint.bold(line) : line;
}

function agentLine(row: RunRow, { paint, width }: { paint: Paint; width: number }): string {
  const indent = ' '.repeat(VERDICT_COLUMNS + GAP.length);
  return indent + paint.dim(cut(`with ${row.agent}`, width - indent.length));
}

function stacked(row: RunRow, { paint, width }: { paint: Paint; width: number }): string[] {
  const name = wrap(`${row.scenario} × ${row.agent}`, width - VERDICT_COLUMNS - GAP.length);
  // No-break spaces keep a title and its figure together.
  const parts = FIGURES.map((column) => `${column.title} ${row[column.key]}`.replaceAll(' ', '\u00a0'));
  const figures = wrap(parts.join(', '), width - 4);
  const [first = '', ...rest] = name;
  const indent = ' '.repeat(VERDICT_COLUMNS + GAP.length);
  return [
    verdictWord(row.verdict, paint) + GAP + first,
    ...rest.map((line) => indent + line),
    ...figures.map((line) => `    ${line.replaceAll('\u00a0', ' ')}`),
  ];
}

function verdictWord(verdict: Verdict, paint: Paint): string {
  return paint.verdict(verdict, pad(`${VERDICT_SYMBOLS[verdict]} ${verdict}`, VERDICT_COLUMNS));
}
