// "Where each line ended" as a picture: the stream of due lines runs from top to bottom past each hop, and what
// dies leaves it to the right with its count, hop and reason. The trunk's width is the lines still alive.
//
//   due     ████████████
//   driver  ██████████▀▀──── 9,000 lines  queue-full
//   sink    ██████▀▀▀▀────── 17,000 lines  too long
//   stored  ██████

import type { HopLoss, LedgerTotals } from '../../model/ledger.ts';
import { describeCount } from '../describe.ts';
import { escapeHtml } from '../escape.ts';
import { wrap } from '../text-layout.ts';
import { type Exit, listExits } from './ledger-exits.ts';

/** An SVG of the ledger for a column `width` px wide; at that width its text is not scaled. */
export function renderLedgerPicture(ledger: { total: LedgerTotals; hops: readonly HopLoss[] }, width: number): string {
  const { dueLines, storedLines } = ledger.total;
  const { rows, height, trunk } = layOut({ exits: listExits(ledger), dueLines, width });
  const summary = `Of ${describeCount(dueLines)} lines due, ${describeCount(storedLines)} were stored.`;
  const stored = `${describeCount(storedLines)} lines stored${share(storedLines, dueLines)}`;
  return [
    `<svg class="ledger-picture" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${summary}">`,
    `<path class="flow-alive" d="${trunk}"/>`,
    ...rows.flatMap(drawRow),
    text({ x: GUTTER, y: 16, className: 'flow-strong', content: `${describeCount(dueLines)} lines due` }),
    text({ x: GUTTER, y: height - 8, className: 'flow-strong', content: stored }),
    '</svg>',
  ].join('');
}

const GUTTER = 80;
const TOP = 26;
const BOTTOM = 28;
const PASS_ROW = 30;
const EXIT_ROW = 30;
const REASON_LINE = 16;
const REASON_LINES_MAX = 3;
/** A loss too small to see is drawn this wide: one lost line must show. */
const EXIT_WIDTH_MIN = 2;
/** Mean width of a character of the reasons at 12 px. */
const CHARACTER_WIDTH = 6.4;

interface Row {
  exit: Exit;
  y: number;
  textX: number;
  count: string;
  reason: string[];
  /** Where the band leaves the trunk; both the same where nothing leaves. */
  left: number;
  right: number;
}

function layOut({ exits, dueLines, width }: { exits: Exit[]; dueLines: number; width: number }) {
  const trunkMax = Math.round(width * 0.27);
  const textX = GUTTER + trunkMax + Math.round(width * 0.05) + 8;
  const scale = dueLines > 0 ? trunkMax / dueLines : 0;
  const rows: Row[] = [];
  // The right edge of the trunk, from the top down.
  const edge: string[] = [`${GUTTER + trunkMax * Math.min(1, dueLines)} ${TOP}`];
  let alive = dueLines;
  let right = GUTTER + alive * scale;
  let y = TOP;
  for (const exit of exits) {
    alive = Math.max(0, alive - exit.lines);
    const left = exit.lines > 0 ? Math.max(GUTTER, Math.min(GUTTER + alive * scale, right - EXIT_WIDTH_MIN)) : right;
    const columns = Math.floor((width - textX) / CHARACTER_WIDTH);
    const reason = exit.lines > 0 ? wrap(exit.reason, columns).slice(0, REASON_LINES_MAX) : [];
    rows.push({ exit, y, textX, count: describeExit(exit, { dueLines, columns }), reason, left, right });
    edge.push(`${round(right)} ${y}`, `${round(left)} ${y}`);
    y += exit.lines > 0 ? EXIT_ROW + reason.length * REASON_LINE : PASS_ROW;
    right = left;
    edge.push(`${round(right)} ${y}`);
  }
  const end = round(right);
  const trunk = `M${GUTTER} ${TOP}L${edge.join('L')}L${end} ${y}L${end} ${y + 6}L${GUTTER} ${y + 6}Z`;
  return { rows, height: y + 6 + BOTTOM, trunk };
}

function drawRow({ exit, y, textX, count, reason, left, right }: Row): string[] {
  const hopLabel = text({ x: 0, y: y + 20, className: 'flow-hop', content: exit.hopLabel.replace('..', ' – ') });
  if (exit.lines === 0) return [hopLabel];
  return [
    hopLabel,
    `<path class="flow-${exit.fate}" d="${exitPath({ left, right, y, exitX: textX - 8 })}"/>`,
    text({ x: textX, y: y + 14, className: 'flow-strong', content: count }),
    ...reason.map((line, index) =>
      text({ x: textX, y: y + 30 + index * REASON_LINE, className: 'flow-reason', content: line }),
    ),
  ];
}

/** How many lines left and their share; without the word where the column is narrow. Bold text is a sixth wider. */
function describeExit({ lines }: Exit, { dueLines, columns }: { dueLines: number; columns: number }): string {
  const full = `${describeCount(lines)} ${lines === 1 ? 'line' : 'lines'}${share(lines, dueLines)}`;
  return full.length * 1.2 <= columns ? full : `${describeCount(lines)}${share(lines, dueLines)}`;
}

/** A band that leaves the trunk downwards and turns right. */
function exitPath({ left, right, y, exitX }: { left: number; right: number; y: number; exitX: number }): string {
  const thickness = Math.min(18, Math.max(EXIT_WIDTH_MIN, (right - left) * 0.4));
  const top = y + 16 - thickness / 2;
  const bottom = y + 16 + thickness / 2;
  const [a, b, e, t, m] = [left, right, exitX, top, bottom].map(round);
  return `M${a} ${y}L${b} ${y}C${b} ${t} ${b} ${t} ${e} ${t}L${e} ${m}C${a} ${m} ${a} ${m} ${a} ${y}Z`;
}

function text({ x, y, className, content }: { x: number; y: number; className: string; content: string }): string {
  return `<text class="${className}" x="${x}" y="${y}">${escapeHtml(content)}</text>`;
}

function share(lines: number, dueLines: number): string {
  if (dueLines === 0) return '';
  const percent = (lines / dueLines) * 100;
  if (lines > 0 && percent < 0.01) return ' (< 0.01 %)';
  if (lines < dueLines && percent > 99.99) return ' (> 99.99 %)';
  return ` (${percent >= 10 ? Number(percent.toFixed(1)) : Number(percent.toPrecision(2))} %)`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
