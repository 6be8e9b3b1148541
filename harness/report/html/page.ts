// The page of one run, `report.html`: a single file that loads nothing from anywhere. Verdict first, then what went
// wrong, then what happened over time, where each line ended, and how to run it again.

import type { History } from '../../model/history.ts';
import type { LedgerEntry } from '../../model/ledger.ts';
import type { RunFacts, RunResult } from '../../model/run.ts';
import { sortFindings } from '../describe.ts';
import { escapeHtml as html } from '../escape.ts';
import { CHART_SCRIPT } from './chart-script.ts';
import { type ChartData, describeCharts } from './charts.ts';
import { readChartLibrary, renderDocument, renderTopBar } from './document.ts';
import { createEvidencePicker } from './evidence.ts';
import { renderChecks, renderCosts, renderFaults, renderReplay, renderSetup } from './facts-section.ts';
import { renderFindings } from './findings-section.ts';
import { renderLedger } from './ledger-section.ts';
import { PAGE_SCRIPT } from './page-script.ts';
import { buildSeries } from './series.ts';
import { PAGE_STYLE } from './style.ts';
import { describePage, renderSummary } from './summary-section.ts';

export { renderIndex } from './overview.ts';

/** What the page of a run is made of. */
export interface RunReportInput {
  result: RunResult;
  facts: RunFacts;
  history: History;
  larsenVersion: string;
  /** Machine, versions, digests, start time: shown as they are. Empty by default. */
  environment?: Readonly<Record<string, string>>;
  /** Lines that were not stored exactly once (`ledger.entries()`); the first 50 are shown. None by default. */
  entries?: Iterable<LedgerEntry>;
  /** Folder for the replay line, as the caller would type it; the plan's folder by default. */
  replayFolder?: string;
}

/** The HTML of `report.html`. Reads the history once. */
export async function renderRunReport(input: RunReportInput): Promise<string> {
  const {
    result,
    facts,
    history,
    larsenVersion,
    environment = {},
    entries = [],
    replayFolder = facts.plan.folder,
  } = input;
  const findings = sortFindings(result.findings);
  const references = [
    ...findings.flatMap((finding) => finding.evidence),
    ...facts.faults.flatMap((fault) => fault.evidence),
  ];
  const evidence = createEvidencePicker({ references, loadStartNs: facts.loadStartNs });
  const series = await buildSeries({ facts, history, onEvent: evidence.add });
  const chartData = describeCharts({ facts, series, findings });
  const library = await readChartLibrary();
  const body = [
    renderTopBar(),
    '<main>',
    renderSummary(result, facts),
    renderContents({
      hasFindings: findings.length > 0,
      hasCharts: chartData.charts.length > 0,
      hasFaults: facts.faults.length > 0,
    }),
    renderFindings(findings, evidence),
    renderCharts(chartData),
    renderLedger(result.ledger, entries, result.checks.parity?.numbers.admittedLines),
    renderChecks(result),
    renderFaults(facts, evidence),
    renderCosts(result),
    renderSetup({ facts, environment, larsenVersion }),
    renderReplay(replayFolder),
    '</main>',
    `<footer>larsen ${html(larsenVersion)}</footer>`,
  ].join('\n');
  return renderDocument({
    title: describePage(result),
    body,
    styles: [library.style, PAGE_STYLE],
    scripts: [library.script, PAGE_SCRIPT, CHART_SCRIPT],
    data: chartData,
  });
}

/** One click from the verdict to whatever explains it. */
function renderContents(has: { hasFindings: boolean; hasCharts: boolean; hasFaults: boolean }): string {
  const links: [id: string, label: string, isThere: boolean][] = [
    ['findings', 'What went wrong', has.hasFindings],
    ['charts', 'What happened', has.hasCharts],
    ['ledger', 'Where each line ended', true],
    ['checks', 'Checks', true],
    ['faults', 'Faults', has.hasFaults],
    ['setup', 'How it was run', true],
    ['replay', 'Run it again', true],
  ];
  const shown = links.filter(([, , isThere]) => isThere).map(([id, label]) => `<a href="#${id}">${label}</a>`);
  return `<nav class="contents" aria-label="On this page">${shown.join('')}</nav>`;
}

function renderCharts({ charts, faults, findings }: ChartData): string {
  if (charts.length === 0) return '';
  const key = [
    ...(faults.length > 0 ? ['<span class="key key-fault"></span>a fault in force'] : []),
    ...(findings.length > 0 ? ['<span class="key key-finding"></span>a finding, by its number'] : []),
    '<span class="key key-load"></span>end of load',
  ];
  const figures = charts.map(
    ({ id, title, caption, summary }) =>
      `<figure class="chart" id="chart-${id}"><figcaption><h3>${html(title)}</h3><p>${html(caption)}</p></figcaption><div class="plot" role="img" aria-label="${html(summary ? `${title}. ${summary}` : title)}"></div><details class="figures-table"><summary>as a table</summary><div class="scroll" tabindex="0"></div></details></figure>`,
  );
  return [
    '<section aria-labelledby="charts"><h2 id="charts">What happened</h2>',
    `<p class="chart-key">${key.map((entry) => `<span>${entry}</span>`).join('')}<button type="button" class="quiet" id="whole" hidden>show the whole run</button></p>`,
    '<p class="muted chart-hint">Seconds since load start. Drag over a chart to zoom all of them.</p>',
    '<noscript><p>The charts need scripts; everything else on this page does not.</p></noscript>',
    `<div class="charts">${figures.join('')}</div></section>`,
  ].join('');
}
