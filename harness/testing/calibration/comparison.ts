// The table of docs/calibration.md: measured against predicted, row by row. A row is judged by one rule or printed
// only; what the rules allow is decided here and nowhere else.

import { readFileSync, writeFileSync } from 'node:fs';

/** Allowed deviation of a judged prediction. */
export const TOLERANCE = 0.25;

const DOCUMENT = new URL('../../../docs/calibration.md', import.meta.url);
const BEGIN = '<!-- table: written by the test -->';
const END = '<!-- end of table -->';

/** How a row is judged. `within`: ±25 %. `equal`: the very value. `atMost`: a limit. `printed`: not at all. */
export type Rule = 'within' | 'equal' | 'atMost' | 'printed';

/** One number, measured on real components and predicted by larsen. */
export interface Comparison {
  what: string;
  /** Name of the measured run. */
  run: string;
  unit: string;
  measured: number;
  predicted: number;
  rule: Rule;
  /** For `atMost`. */
  limit?: number;
  /** For `within`: what the machine's own noise may add to the deviation. Default 0. */
  slack?: number;
}

/** Whether the prediction holds; a printed row always does. */
export function holds({ measured, predicted, rule, limit, slack = 0 }: Comparison): boolean {
  if (!Number.isFinite(predicted)) return rule === 'printed';
  if (rule === 'within') return Math.abs(predicted - measured) <= TOLERANCE * measured + slack;
  if (rule === 'equal') return predicted === measured;
  return rule === 'printed' || predicted <= limit!;
}

/** The rows as a Markdown table. */
export function formatTable(rows: readonly Comparison[]): string {
  const cells = rows.map((row) => [
    row.what,
    row.run,
    formatNumber(row.measured, row.unit),
    formatNumber(row.predicted, row.unit),
    formatDeviation(row),
    formatRule(row),
  ]);
  const head = ['what', 'run', 'measured', 'predicted', 'off by', 'judged'];
  const line = (texts: string[]): string => `| ${texts.join(' | ')} |`;
  return [line(head), line(['---', '---', '---:', '---:', '---:', '---']), ...cells.map(line)].join('\n');
}

/** What the document's table claims of each row beside the prediction: it must be in step with the test. */
export function readDocumentedRows(): string[] {
  const [, table = ''] = readFileSync(DOCUMENT, 'utf8').split(BEGIN);
  return describeRows(table.split(END)[0]!.trim());
}

/** The rows of a table without the predictions, which differ from run to run. */
export function describeRows(table: string): string[] {
  return table
    .split('\n')
    .slice(2)
    .map((line) => {
      const [what, run, measured, , , judged] = line
        .split('|')
        .slice(1)
        .map((cell) => cell.trim());
      return [what, run, measured, judged].join(' | ');
    });
}

/** Puts the table into docs/calibration.md. */
export function writeTable(rows: readonly Comparison[]): void {
  const text = readFileSync(DOCUMENT, 'utf8');
  const before = text.split(BEGIN)[0]!;
  const after = text.split(END)[1]!;
  writeFileSync(DOCUMENT, `${before}${BEGIN}\n${formatTable(rows)}\n${END}${after}`);
}

function formatNumber(value: number, unit: string): string {
  const text = Number.isInteger(value)
    ? value.toLocaleString('en-US')
    : value.toFixed(unit === 's' || unit === '%' || value >= 100 ? 1 : 3);
  return unit === '' ? text : `${text} ${unit}`;
}

function formatDeviation({ measured, predicted, rule }: Comparison): string {
  if (measured === 0 || rule === 'equal' || rule === 'atMost') return '';
  const percent = (predicted / measured - 1) * 100;
  return `${percent >= 0 ? '+' : '−'}${Math.abs(percent).toFixed(1)} %`;
}

function formatRule({ rule, limit, unit }: Comparison): string {
  if (rule === 'within') return `±${TOLERANCE * 100} %`;
  if (rule === 'equal') return 'equal';
  return rule === 'printed' ? 'printed only' : `at most ${formatNumber(limit!, unit)}`;
}
