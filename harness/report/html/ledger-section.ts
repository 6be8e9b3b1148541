// "Where each line ended": the picture of the ledger, what stands beside its accounts, a row per app, and the first
// ids that were not stored exactly once.

import type { LedgerEntry, LedgerTotals } from '../../model/ledger.ts';
import type { RunResult } from '../../model/run.ts';
import { describeCount, describeMoment } from '../describe.ts';
import { escapeHtml as html } from '../escape.ts';
import { renderLedgerPicture } from './ledger-picture.ts';

/**
 * The section. `entries`: lines that were not stored exactly once, where the caller has them. `admittedLines`: the loss
 * that the agent's own counters, log and dead letters admit, where they were read.
 */
export function renderLedger(
  ledger: RunResult['ledger'],
  entries: Iterable<LedgerEntry>,
  admittedLines?: number,
): string {
  return [
    '<section aria-labelledby="ledger"><h2 id="ledger">Where each line ended</h2>',
    '<div class="ledger"><figure class="ledger-figure">',
    `<div class="only-wide">${renderLedgerPicture(ledger, 560)}</div><div class="only-narrow">${renderLedgerPicture(ledger, 326)}</div>`,
    '<figcaption>From top to bottom: every line that was due, past each hop. What leaves to the right was not stored.</figcaption></figure>',
    `<div class="ledger-tables">${renderApps(ledger)}${renderBeside(ledger.total)}${renderAdmitted(ledger.total, admittedLines)}</div></div>`,
    renderEntries(entries),
    '</section>',
  ].join('');
}

const ENTRIES_SHOWN_MAX = 50;

function renderApps({ total, apps }: RunResult['ledger']): string {
  const row = (name: string, totals: LedgerTotals): string => {
    const cells = [
      totals.dueLines,
      totals.storedLines,
      totals.lostLines,
      totals.rejectedLines,
      totals.duplicatePushedLines,
    ];
    return `<tr><th scope="row">${html(name)}</th>${cells.map((lines, index) => `<td${index === 2 && lines > 0 ? ' class="bad"' : ''}>${describeCount(lines)}</td>`).join('')}</tr>`;
  };
  const head = ['app', 'due', 'stored', 'lost', 'rejected', 'duplicated']
    .map((title) => `<th scope="col">${title}</th>`)
    .join('');
  const rows = Object.entries(apps).map(([name, totals]) => row(name, totals));
  return `<div class="scroll" tabindex="0" role="region" aria-label="Lines by app"><table class="numbers"><thead><tr>${head}</tr></thead><tbody>${rows.join('')}</tbody><tfoot>${row('all', total)}</tfoot></table></div>`;
}

/** Counted beside the accounts, never netted against a loss. */
const BESIDE: [key: keyof LedgerTotals, text: string][] = [
  ['duplicatePushedLines', 'accepted more than once'],
  ['duplicateStoredLines', 'stored more than once'],
  ['truncatedLines', 'stored cut short'],
  ['corruptedLines', 'stored with other bytes'],
  ['reorderedLines', 'stored out of order'],
  ['phantomLines', 'stored though no app wrote them'],
  ['anonymousLines', 'carry no id and stand outside the ledger'],
];

function renderBeside(total: LedgerTotals): string {
  const items = BESIDE.filter(([key]) => total[key] > 0).map(
    ([key, text]) => `<li><b>${describeCount(total[key])}</b> ${text}</li>`,
  );
  return items.length === 0
    ? ''
    : `<p class="beside-title">Beside the accounts, in lines</p><ul class="beside">${items.join('')}</ul>`;
}

/** A counter excuses no loss: it tells which part of it somebody could have noticed. */
function renderAdmitted({ lostLines, rejectedLines }: LedgerTotals, admittedLines: number | undefined): string {
  const missing = lostLines + rejectedLines;
  if (admittedLines === undefined || missing === 0) return '';
  return `<p class="muted">Of ${describeCount(missing)} lines lost or rejected the agent’s own counters, log and dead letters admit ${describeCount(Math.min(missing, admittedLines))}; the rest went in silence.</p>`;
}

function renderEntries(entries: Iterable<LedgerEntry>): string {
  const shown: LedgerEntry[] = [];
  let more = false;
  for (const entry of entries) {
    more = shown.length === ENTRIES_SHOWN_MAX;
    if (more) break;
    shown.push(entry);
  }
  if (shown.length === 0) return '';
  const head = ['id', 'account', 'hop', 'reason', 'last seen'].map((title) => `<th scope="col">${title}</th>`).join('');
  const rows = shown.map(
    (entry) =>
      `<tr><td><code>${html(entry.id)}</code></td><td>${html(entry.account)}</td><td>${html(entry.hop)}</td><td>${html(entry.reason)}</td><td>${html(`${entry.lastSeen}, ${describeMoment(entry.lastSeenMs)}`)}</td></tr>`,
  );
  const title = `${more ? `The first ${shown.length}` : `The ${shown.length}`} lines that were not stored exactly once`;
  const note = more ? '<p class="muted">All of them are in ledger.jsonl of this run’s folder.</p>' : '';
  return `<details class="block"><summary>${title}</summary><div class="scroll" tabindex="0" role="region" aria-label="${title}"><table><thead><tr>${head}</tr></thead><tbody>${rows.join('')}</tbody></table></div>${note}</details>`;
}
