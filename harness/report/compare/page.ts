// The page of a comparison, `compare.html`: one file that loads nothing. On top who wins at what, then each scenario
// with every run as a dot, then the configs side by side.

import type { Comparison, ComparisonCell, ComparisonScenario, Measure } from '../../model/comparison.ts';
import { escapeHtml as html, shellArgument } from '../escape.ts';
import { renderDocument, renderTopBar } from '../html/document.ts';
import { PAGE_SCRIPT } from '../html/page-script.ts';
import { PAGE_STYLE } from '../html/style.ts';
import { describeIntervals } from './describe-measure.ts';
import { describeVerdicts, listOutcomes, type MeasureOutcome } from './outcomes.ts';
import { renderStripPlot } from './strip-plot.ts';
import { COMPARE_STYLE } from './style.ts';

/** The HTML of compare.html; links are relative to the folder of comparison.json. */
export function renderComparison(comparison: Comparison): string {
  const names = comparison.agents.map(({ name }) => name);
  const body = [
    renderTopBar(),
    '<main>',
    `<header class="hero compare-hero"><div class="hero-text"><h1>${names.map((name) => `<span class="agent-name">${html(name)}</span>`).join(' <span class="muted">against</span> ')}</h1>`,
    `<p class="hero-names muted">${html(describeSetup(comparison))}</p></div></header>`,
    renderWinners(comparison),
    ...comparison.scenarios.map((scenario, index) => renderScenario(comparison, scenario, index)),
    renderAgents(comparison),
    renderDiffs(comparison),
    renderMethod(comparison),
    '</main>',
    `<footer>larsen ${html(comparison.larsen)}</footer>`,
  ].join('\n');
  return renderDocument({
    title: `larsen compare: ${names.join(' · ')}`,
    body,
    styles: [PAGE_STYLE, COMPARE_STYLE],
    scripts: [PAGE_SCRIPT],
  });
}

function describeSetup({ scenarios, repeats, engine, seed, startedAt, durationMs }: Comparison): string {
  const runs = `${scenarios.length} ${scenarios.length === 1 ? 'scenario' : 'scenarios'} × ${repeats} ${repeats === 1 ? 'repeat' : 'repeats'}, interleaved in random order`;
  return `${runs} · ${engine} engine · seed ${seed} · started ${startedAt} · took ${Math.round(durationMs / 60_000)} min`;
}

const GROUPS: Record<Measure['group'], string> = { loss: 'Loss', stall: 'Stall', loop: 'Loop', cost: 'Cost' };

/** A matrix: a row per group and scenario, the sentence of each shown difference. */
function renderWinners(comparison: Comparison): string {
  const rows = comparison.scenarios.flatMap((scenario) => {
    const outcomes = listOutcomes(comparison, scenario);
    return Object.entries(GROUPS).map(([group, label]) => {
      const own = outcomes.filter(({ measure }) => measure.group === group);
      return `<tr><th scope="row">${label}</th>${comparison.scenarios.length > 1 ? `<td><code>${html(scenario.scenario)}</code></td>` : ''}<td>${renderSentences(own)}</td></tr>`;
    });
  });
  return `<section aria-labelledby="winners"><h2 id="winners">Who wins at what</h2><div class="card scroll" tabindex="0"><table class="winners"><tbody>${rows.join('')}</tbody></table></div></section>`;
}

function renderSentences(outcomes: readonly MeasureOutcome[]): string {
  const shown = outcomes.filter(({ isShown }) => isShown);
  const rest = outcomes.filter(({ isShown }) => !isShown);
  const items = shown.map(({ measure, sentence }) => `<li><b>${html(measure.label)}</b>: ${html(sentence)}</li>`);
  const silent = rest.map(
    ({ measure, sentence }) => `<li class="muted">${html(measure.label)}: ${html(sentence)}</li>`,
  );
  return `<ul>${[...items, ...silent].join('')}</ul>`;
}

function renderScenario(comparison: Comparison, scenario: ComparisonScenario, index: number): string {
  const outcomes = listOutcomes(comparison, scenario);
  return [
    `<section aria-labelledby="scenario-${index}"><h2 id="scenario-${index}">${html(scenario.title || scenario.scenario)}</h2>`,
    `<p class="muted"><code>${html(scenario.scenario)}</code></p>`,
    `<div class="card scroll" tabindex="0"><table class="cells"><thead><tr><th scope="col">agent</th><th scope="col">verdicts</th><th scope="col">findings, in how many runs</th><th scope="col">runs</th></tr></thead><tbody>${scenario.cells.map(renderCell).join('')}</tbody></table></div>`,
    `<div class="measures">${outcomes.map((outcome) => renderMeasure(outcome, scenario)).join('')}</div>`,
    '</section>',
  ].join('');
}

function renderCell({ agent, verdicts, findings, folders }: ComparisonCell): string {
  const found = Object.entries(findings).map(([name, count]) => `<code>${html(name)}</code> ${count}`);
  const links = folders.map((folder, index) => `<a href="${html(linkTo(folder))}">${index + 1}</a>`);
  return `<tr><th scope="row">${html(agent)}</th><td>${html(describeVerdicts(verdicts))}</td><td>${found.join('<br>') || '<span class="muted">none</span>'}</td><td>${links.join(' ') || '<span class="muted">not kept</span>'}</td></tr>`;
}

function renderMeasure({ measure, winner, isShown, sentence }: MeasureOutcome, scenario: ComparisonScenario): string {
  const rows = scenario.cells.map(({ agent, measures }) => ({
    agent,
    summary: measures.find((summary) => summary.measure === measure.id)!,
    isWinner: agent === winner,
  }));
  return [
    `<article class="measure"><h3>${html(measure.label)} <span class="muted">${measure.group}</span></h3>`,
    renderStripPlot(measure, rows),
    `<p class="${isShown ? 'shown' : 'muted'}">${html(sentence)}</p><p class="muted measure-meaning">${html(measure.meaning)}</p></article>`,
  ].join('');
}

function renderAgents({ agents }: Comparison): string {
  const rows = agents.map(
    ({ name, driver, self, file }) =>
      `<tr><th scope="row">${html(name)}</th><td>${html(driver)}</td><td>${html(self)}</td><td><code>${html(file ?? 'comes with larsen')}</code></td></tr>`,
  );
  return `<section aria-labelledby="agents"><h2 id="agents">Set-ups</h2><div class="card scroll" tabindex="0"><table class="cells"><thead><tr><th scope="col">agent</th><th scope="col">driver before it</th><th scope="col">its own output to</th><th scope="col">file</th></tr></thead><tbody>${rows.join('')}</tbody></table></div></section>`;
}

function renderDiffs({ configDiffs }: Comparison): string {
  if (configDiffs.length === 0) return '';
  const blocks = configDiffs.map(
    ({ from, to, what, diff }) =>
      `<details class="block" open><summary>${html(`${from} → ${to}: ${what}`)}</summary><pre tabindex="0">${diff.split('\n').map(renderDiffLine).join('\n')}</pre></details>`,
  );
  return `<section aria-labelledby="diffs"><h2 id="diffs">What is different in the configs</h2>${blocks.join('')}</section>`;
}

function renderDiffLine(line: string): string {
  const kind = /^[+-](?![+-]{2})/.test(line) ? (line.startsWith('+') ? 'added' : 'removed') : '';
  return kind === '' ? html(line) : `<span class="diff-${kind}">${html(line)}</span>`;
}

function renderMethod(comparison: Comparison): string {
  const { agents, scenarios, seed, repeats } = comparison;
  const command = [
    'larsen compare',
    ...agents.map(({ name, file }) => shellArgument(file ?? name)),
    '--scenario',
    ...scenarios.map(({ scenario }) => shellArgument(scenario)),
    `--seed ${seed} --repeat ${repeats}`,
  ].join(' ');
  return [
    '<section class="replay" aria-labelledby="method"><h2 id="method">How it was compared</h2>',
    `<p>${html(describeIntervals(comparison))} Each repeat runs every agent once with the same seed, in random order, so that what drifts on the machine hits all alike. `,
    'A difference is <b>shown</b> where an exact two-sided Mann–Whitney test leaves chance less than 5 %, adjusted for the number of measures (Benjamini–Hochberg), and the shift (Hodges–Lehmann) is larger than the measure can resolve. ',
    'Everything else is <i>no difference shown</i>, which is not the same as <i>no difference</i>. Runs that prove nothing are counted and measured in nothing.</p>',
    `<div class="command"><code id="command">${html(command)}</code><button type="button" id="copy" hidden>Copy</button></div></section>`,
  ].join('');
}

function linkTo(folder: string): string {
  const parts = Buffer.from(folder)
    .toString()
    .split('/')
    .filter((part) => part !== '');
  return `./${parts.map(encodeURIComponent).join('/')}/report.html`;
}
