// The overview of a call, `index.html`: the verdict of all its runs and a row per run that links to its page.

import type { Result, RunResult } from '../../model/run.ts';
import { describeRun, sortFindings, VERDICT_SYMBOLS } from '../describe.ts';
import { escapeHtml as html } from '../escape.ts';
import { renderDocument, renderTopBar } from './document.ts';
import { PAGE_SCRIPT } from './page-script.ts';
import { PAGE_STYLE } from './style.ts';
import { describeOutcome, renderVerdictMark } from './summary-section.ts';

/** The HTML of `index.html`; links are relative to the folder of result.json. */
export function renderIndex(result: Result): string {
  const count = (verdict: string): number => result.runs.filter((run) => run.verdict === verdict).length;
  const counts = `${result.runs.length} ${result.runs.length === 1 ? 'run' : 'runs'}: ${count('valid')} valid, ${count('invalid')} invalid, ${count('unknown')} unknown`;
  const body = [
    renderTopBar(),
    '<main>',
    `<header class="hero verdict-${result.verdict}"><p class="verdict">${renderVerdictMark(result.verdict)}<span>${result.verdict}</span></p>`,
    `<div class="hero-text"><h1>${html(counts)}</h1><p class="hero-names muted">started ${html(result.startedAt)} · took ${Math.round(result.durationMs / 1_000)} s</p></div></header>`,
    `<section aria-labelledby="runs"><h2 id="runs">Runs</h2><ol class="runs">${result.runs.map(renderRun).join('')}</ol></section>`,
    '</main>',
    `<footer>larsen ${html(result.larsen)}</footer>`,
  ].join('\n');
  return renderDocument({
    title: `${VERDICT_SYMBOLS[result.verdict]} ${counts}`,
    body,
    styles: [PAGE_STYLE],
    scripts: [PAGE_SCRIPT],
  });
}

function renderRun(run: RunResult): string {
  const row = describeRun(run);
  const figures: [label: string, value: string][] = [
    ['due', row.due],
    ['stored', row.stored],
    ['lost', row.lost],
    ['duplicated', row.duplicated],
    ['longest write', row.longestWrite],
    ['howl', row.howl],
    ['seconds', row.seconds],
  ];
  const titles = sortFindings(run.findings)
    .slice(0, 3)
    .map((finding) => `<li>${html(finding.title)}</li>`);
  const more = run.findings.length > 3 ? `<li>and ${run.findings.length - 3} more</li>` : '';
  const said =
    titles.length > 0
      ? `<ul class="run-findings">${titles.join('')}${more}</ul>`
      : `<p class="run-outcome">${html(run.reasons[0] ?? describeOutcome(run))}</p>`;
  return [
    `<li class="run verdict-${run.verdict}"><article>`,
    `<h3>${renderVerdictMark(run.verdict)}<a href="${html(linkTo(run.folder))}">${html(row.scenario)}</a> <span class="muted">with ${html(row.agent)} · ${run.verdict}</span></h3>`,
    said,
    `<dl class="run-figures">${figures.map(([label, value]) => `<div><dt>${label}</dt><dd>${html(value)}</dd></div>`).join('')}</dl>`,
    '</article></li>',
  ].join('');
}

/** A relative link: whatever the folder's name, it cannot name a scheme. */
function linkTo(folder: string): string {
  // Through UTF-8 and back, because encodeURIComponent throws at an unpaired surrogate.
  const parts = Buffer.from(folder)
    .toString()
    .split('/')
    .filter((part) => part !== '');
  return `./${parts.map(encodeURIComponent).join('/')}/report.html`;
}
