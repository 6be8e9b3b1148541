// What was run and how: the checks, the faults, the resolved scenario and agent, the environment, and the line that
// runs it again.

import { stringify } from 'yaml';
import type { RunFacts, RunResult } from '../../model/run.ts';
import { describeMoment, describeNumber } from '../describe.ts';
import { escapeHtml as html, shellArgument } from '../escape.ts';
import type { EvidencePicker } from './evidence.ts';
import { renderEvidence } from './findings-section.ts';
import { renderVerdictMark } from './summary-section.ts';

/** A block per checker: verdict, reasons, numbers. */
export function renderChecks(run: RunResult): string {
  const rows = Object.entries(run.checks).map(([name, check]) => {
    const reasons = check.reasons.map((reason) => `<p>${html(reason)}</p>`).join('');
    const title = `${renderVerdictMark(check.verdict)}<span>${html(name)}</span> <span class="muted">${check.verdict}</span>`;
    return `<li class="check"><h3>${title}</h3>${reasons}${renderNumbers(check.numbers)}</li>`;
  });
  return `<section aria-labelledby="checks"><h2 id="checks">Checks</h2><ul class="checks">${rows.join('')}</ul></section>`;
}

/** A list of figures for the whole run, then one for each app whose name stands before the dot. */
function renderNumbers(numbers: Record<string, number>): string {
  const groups = new Map<string, string[]>();
  for (const [key, value] of Object.entries(numbers)) {
    const dot = key.lastIndexOf('.');
    const group = dot > 0 ? key.slice(0, dot) : '';
    const { label, text } = describeNumber(key.slice(dot + 1), value);
    groups.set(group, [...(groups.get(group) ?? []), `<li><span>${html(label)}</span> ${html(text)}</li>`]);
  }
  const lists = [...groups].map(([group, items]) => {
    const head = group === '' ? '' : `<li><b>${html(group)}</b></li>`;
    return `<ul class="more-figures">${head}${items.join('')}</ul>`;
  });
  return lists.join('');
}

/** The faults as they really were, with the evidence that they bit. */
export function renderFaults(facts: RunFacts, evidence: EvidencePicker): string {
  if (facts.faults.length === 0) return '';
  const items = facts.faults.map(
    (fault) =>
      `<li><b>${html(fault.fault)}</b> at the ${html(fault.hop)}, ${html(describeMoment(fault.fromMs))} to ${html(describeMoment(fault.toMs))}${fault.bit ? '' : ': <b class="bad">it did not bite</b>'}${renderEvidence(fault.evidence.slice(0, 2), evidence)}</li>`,
  );
  return `<section aria-labelledby="faults"><h2 id="faults">Faults</h2><ul class="faults">${items.join('')}</ul></section>`;
}

/** What each process cost under load, per line that was written: the pipeline beside the harness around it. */
export function renderCosts(run: RunResult): string {
  const { costs = [] } = run;
  const lines = run.ledger.total.writtenLines;
  if (costs.length === 0 || lines === 0) return '';
  const rows = costs.map(({ role, name, cpuMs, memoryMaxBytes }) => {
    const perLine = `${((cpuMs * 1_000) / lines).toFixed(1)} µs`;
    const cells = [`${(cpuMs / 1_000).toFixed(2)} s`, perLine, describeNumber('memoryMaxBytes', memoryMaxBytes).text];
    return `<tr><th scope="row">${html(role === name ? role : `${role} ${name}`)}</th>${cells.map((cell) => `<td>${html(cell)}</td>`).join('')}</tr>`;
  });
  const head = ['process', 'CPU', 'CPU per line', 'memory'].map((text) => `<th scope="col">${text}</th>`).join('');
  return `<section aria-labelledby="costs"><h2 id="costs">What it cost</h2><p class="muted">From the start of load until all was drained, per line written.</p><div class="scroll"><table class="environment"><thead><tr>${head}</tr></thead><tbody>${rows.join('')}</tbody></table></div></section>`;
}

/** How it was run, all of it escaped and folded away. */
export function renderSetup({
  facts,
  environment,
  larsenVersion,
}: {
  facts: RunFacts;
  environment: Readonly<Record<string, string>>;
  larsenVersion: string;
}): string {
  const { scenario, agent, engine, seed, runName } = facts.plan;
  const { configText, ...agentRest } = agent;
  const known: Record<string, string> = {
    larsen: larsenVersion,
    engine,
    seed: String(seed),
    'name in line ids': runName,
    'line wrapper': facts.lineWrapper,
    ...environment,
  };
  const rows = Object.entries(known).map(
    ([key, value]) => `<tr><th scope="row">${html(key)}</th><td>${html(value)}</td></tr>`,
  );
  return [
    '<section aria-labelledby="setup"><h2 id="setup">How it was run</h2>',
    `<table class="environment"><tbody>${rows.join('')}</tbody></table>`,
    block('Scenario, resolved', stringify(scenario)),
    block('Agent, resolved', stringify(agentRest)),
    configText === null ? '' : block("The agent's own config", configText),
    '</section>',
  ].join('');
}

/** The command that runs it again, with a button to copy it. */
export function renderReplay(folder: string): string {
  const command = html(`larsen replay ${shellArgument(folder)}`);
  return `<section class="replay" aria-labelledby="replay"><h2 id="replay">Run it again</h2><p>The same seed, config, faults and versions, from the record of this run.</p><div class="command"><code id="command">${command}</code><button type="button" id="copy" hidden>Copy</button></div></section>`;
}

function block(title: string, text: string): string {
  return `<details class="block"><summary>${html(title)}</summary><pre tabindex="0">${html(text)}</pre></details>`;
}
