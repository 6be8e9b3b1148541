// The top of a run's page: the verdict large, one sentence that says why, and six figures.

import { basename } from 'node:path';
import type { RunFacts, RunResult } from '../../model/run.ts';
import type { Verdict } from '../../model/verdict.ts';
import { describeCount, describeReasons, describeRun, VERDICT_SYMBOLS } from '../describe.ts';
import { escapeHtml as html } from '../escape.ts';
import { describeImages } from '../used-images.ts';

/** The header of the page of a run. */
export function renderSummary(run: RunResult, facts: RunFacts): string {
  const scenarioName = run.repeat > 0 ? `${run.scenario} #${run.repeat + 1}` : run.scenario;
  const details = [
    `${run.engine} engine`,
    `seed ${run.seed}`,
    ...(run.durationMs === undefined ? [] : [`took ${(run.durationMs / 1_000).toFixed(0)} s`]),
  ];
  return [
    `<header class="hero verdict-${run.verdict}">`,
    `<p class="verdict">${renderVerdictMark(run.verdict)}<span>${run.verdict}</span></p>`,
    `<div class="hero-text"><h1>${html(facts.plan.scenario.title || run.scenario)}</h1>`,
    `<p class="hero-sentence">${html(describeOutcome(run))}</p>`,
    ...describeImages([run]).map((image) => `<p class="hero-names muted">Judged with ${html(image)}</p>`),
    `<p class="hero-names"><code>${html(scenarioName)}</code> with <code>${html(run.agent)}</code><span class="muted"> · ${html(details.join(' · '))}</span></p></div>`,
    '</header>',
    renderTiles(run),
    renderReasons(run),
  ].join('');
}

/** The symbol of a verdict in a disc; decoration, the word stands beside it. */
export function renderVerdictMark(verdict: Verdict): string {
  return `<span class="mark mark-${verdict}" aria-hidden="true">${VERDICT_SYMBOLS[verdict]}</span>`;
}

/** The outcome in one sentence. */
export function describeOutcome(run: RunResult): string {
  const { total } = run.ledger;
  if (run.verdict === 'unknown') return 'This run proves nothing: what was observed is not enough to judge it.';
  const row = describeRun(run);
  const said = [
    ...(row.howl === 'yes' ? ['the agent howled'] : []),
    ...(row.howl === 'damped' ? ["the agent's own output came back, but rang down"] : []),
    ...(row.howl === 'echo' ? ['the agent prints the lines it carries'] : []),
    ...(run.findings.some((finding) => finding.class === 'freeze' || finding.class === 'circular-wait')
      ? ['apps froze']
      : []),
    ...(total.lostLines > 0
      ? [`${describeCount(total.lostLines)} of ${describeCount(total.dueLines)} lines were lost`]
      : []),
  ];
  if (run.verdict === 'valid')
    return said.length > 0 ? `${sentence(said)} This scenario allows it.` : describeCalm(run);
  if (said.length > 0) return sentence(said);
  return run.findings[0]?.title ?? 'A check failed.';
}

/** Says only what was judged. */
function describeCalm({ checks, ledger }: RunResult): string {
  const calm = { 'feedback-loop': 'no howl', 'socket-stall': 'no frozen app', parity: 'no lost line' };
  const said = Object.entries(calm).filter(([checker]) => checks[checker]?.verdict === 'valid');
  const lines = `${describeCount(ledger.total.storedLines)} of ${describeCount(ledger.total.dueLines)} lines stored.`;
  return said.length > 0
    ? `${sentence([said.map(([, text]) => text).join(', ')]).slice(0, -1)}: ${lines}`
    : `Every check passed: ${lines}`;
}

function sentence(parts: string[]): string {
  const last = parts.at(-1)!;
  const text = parts.length === 1 ? last : `${parts.slice(0, -1).join(', ')} and ${last}`;
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function renderTiles(run: RunResult): string {
  const row = describeRun(run);
  const { total } = run.ledger;
  const tiles: [label: string, value: string, bad: boolean][] = [
    ['lines due', row.due, false],
    ['stored', row.stored, false],
    ['lost', row.lost, total.lostLines > 0],
    ['duplicated', row.duplicated, run.findings.some((finding) => finding.class === 'duplicated')],
    ['longest write', row.longestWrite, run.findings.some((finding) => finding.checker === 'socket-stall')],
    ['howl', row.howl, run.findings.some((finding) => finding.checker === 'feedback-loop')],
  ];
  const items = tiles.map(
    ([label, value, bad]) => `<div${bad ? ' class="bad"' : ''}><dt>${label}</dt><dd>${html(value)}</dd></div>`,
  );
  return `<dl class="tiles">${items.join('')}</dl>`;
}

/** Why the run is unknown, or what else it says of itself. */
function renderReasons(run: RunResult): string {
  const reasons = run.verdict === 'unknown' ? describeReasons(run) : run.reasons;
  if (reasons.length === 0) return '';
  const title = run.verdict === 'unknown' ? 'Why it is unknown' : 'Also to know';
  return `<section class="reasons" aria-labelledby="reasons"><h2 id="reasons">${title}</h2><ul>${reasons.map((reason) => `<li>${html(reason)}</li>`).join('')}</ul></section>`;
}

/** Name of the page in a browser's tab. */
export function describePage(run: RunResult): string {
  return `${VERDICT_SYMBOLS[run.verdict]} ${basename(run.scenario)} × ${run.agent}`;
}
