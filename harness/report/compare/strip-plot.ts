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

const WIDTH = 480;
const HEIGHT = 22;
const MARGIN = 8;

/** A list with a row for each agent: its name, its median with the interval, and all of its runs as dots. */
export function renderStripPlot(measure: Measure, rows: readonly StripRow[]): string {
  const max = Math.max(...rows.flatMap(({ summary }) => summary.values), 0);
  const x = (value: number): number =>
    Math.round((MARGIN + (max > 0 ? (value / max) * (WIDTH - 2 * MARGIN) : 0)) * 10) / 10;
  const items = rows.map(({ agent, summary, isWinner }) => {
    const text = describeSummary(measure.unit, summary);
    return [
      `<div class="strip-row${isWinner ? ' strip-winner' : ''}"><dt>${escapeHtml(agent)}</dt><dd>${escapeHtml(text)}</dd>`,
      `<svg class="strip" viewBox="0 0 ${WIDTH} ${HEIGHT}" aria-hidden="true">${drawRow(summary, { x, measure })}</svg></div>`,
    ].join('');
  });
  return `<dl class="strips">${items.join('')}</dl>`;
}

function drawRow(
  { values, median, low, high }: MeasureSummary,
  { x, measure }: { x: (value: number) => number; measure: Measure },
): string {
  const y = HEIGHT / 2;
  const axis = `<line class="strip-axis" x1="${MARGIN}" x2="${WIDTH - MARGIN}" y1="${y}" y2="${y}"/>`;
  if (median === null || low === null || high === null) return axis;
  const dots = values.map(
    (value) =>
      `<circle class="strip-dot" cx="${x(value)}" cy="${y}" r="5"><title>${escapeHtml(describeValue(measure.unit, value))}</title></circle>`,
  );
  const bar = `<line class="strip-interval" x1="${x(low)}" x2="${x(high)}" y1="${y}" y2="${y}"/>`;
  const stroke = `<line class="strip-median" x1="${x(median)}" x2="${x(median)}" y1="1" y2="${HEIGHT - 1}"/>`;
  return `${axis}${bar}${dots.join('')}${stroke}`;
}
