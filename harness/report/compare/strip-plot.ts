// One measure of all agents as a picture: a row for each agent, a dot for each run, the interval as a bar and the
// median as a stroke. All rows share one scale from zero.
//
//   naive    ────────────────────────────●━━┃━●──
//   bounded  ●┃●─────────────────────────────────

import type { Measure, MeasureSummary } from '../../model/comparison.ts';
import { escapeHtml } from '../escape.ts';
import { describeSummary, describeValue } from './describe-measure.ts';

/** A row of the picture. */
export interface StripRow {
  agent: string;
  summary: MeasureSummary;
  isWinner: boolean;
}

const WIDTH = 420;
const ROW = 26;
const MARGIN = 8;

/** An SVG; its text is in the table beside it, so that it scales without becoming unreadable. */
export function renderStripPlot(measure: Measure, rows: readonly StripRow[]): string {
  const max = Math.max(...rows.flatMap(({ summary }) => summary.values), 0);
  const x = (value: number): number =>
    Math.round((MARGIN + (max > 0 ? (value / max) * (WIDTH - 2 * MARGIN) : 0)) * 10) / 10;
  const label = rows.map(({ agent, summary }) => `${agent} ${describeSummary(measure.unit, summary)}`).join(', ');
  return [
    `<svg class="strip" viewBox="0 0 ${WIDTH} ${rows.length * ROW}" role="img" aria-label="${escapeHtml(`${measure.label}: ${label}`)}">`,
    ...rows.map((row, index) => renderRow(row, { y: index * ROW + ROW / 2, x, measure })),
    '</svg>',
  ].join('');
}

function renderRow(
  { summary, isWinner }: StripRow,
  { y, x, measure }: { y: number; x: (value: number) => number; measure: Measure },
): string {
  const { values, median, low, high } = summary;
  const axis = `<line class="strip-axis" x1="${MARGIN}" x2="${WIDTH - MARGIN}" y1="${y}" y2="${y}"/>`;
  if (median === null || low === null || high === null) return axis;
  const dots = values.map(
    (value) =>
      `<circle class="strip-dot" cx="${x(value)}" cy="${y}" r="4"><title>${escapeHtml(describeValue(measure.unit, value))}</title></circle>`,
  );
  const bar = `<line class="strip-interval" x1="${x(low)}" x2="${x(high)}" y1="${y}" y2="${y}"/>`;
  const stroke = `<line class="strip-median" x1="${x(median)}" x2="${x(median)}" y1="${y - 9}" y2="${y + 9}"/>`;
  return `<g class="strip-row${isWinner ? ' strip-winner' : ''}">${axis}${bar}${dots.join('')}${stroke}</g>`;
}
