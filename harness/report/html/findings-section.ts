// The findings of a run as cards: what happened, where, when, the numbers, what to change, and the events that
// prove it, which open in place.

import type { EventRef } from '../../model/event.ts';
import type { Finding } from '../../model/finding.ts';
import { describeHop, describeMoment, describeNumber, describeWindow } from '../describe.ts';
import { escapeHtml as html } from '../escape.ts';
import type { EvidencePicker } from './evidence.ts';

/** Findings that have a card; later ones, which are not worse, have a row that opens with the others. */
const CARDS_MAX = 30;

/** The section, or an empty text when there is nothing to tell. `findings` are in the order of their numbers. */
export function renderFindings(findings: readonly Finding[], evidence: EvidencePicker): string {
  if (findings.length === 0) return '';
  const cards = findings
    .slice(0, CARDS_MAX)
    .map((finding, index) => renderFinding(finding, { number: index + 1, evidence }));
  const rows = findings.slice(CARDS_MAX).map((finding, index) => renderRow(finding, CARDS_MAX + index + 1));
  return `<section aria-labelledby="findings"><h2 id="findings">What went wrong</h2><ol class="findings">${cards.join('')}</ol>${renderRest(rows)}</section>`;
}

function renderRest(rows: readonly string[]): string {
  if (rows.length === 0) return '';
  return `<details class="more-findings"><summary>${rows.length} more findings; result.json has them whole</summary><ol start="${CARDS_MAX + 1}">${rows.join('')}</ol></details>`;
}

function renderRow({ checker, class: what, hop, title, ...when }: Finding, number: number): string {
  return `<li id="finding-${number}"><code>${html(`${checker}/${what}`)}</code> ${html(title)} <span class="event-missing">${html(describeHop(hop))} · ${html(describeWindow(when))}</span></li>`;
}

const FIGURES_LARGE = 3;
const EVIDENCE_MAX = 8;

function renderFinding(finding: Finding, { number, evidence }: { number: number; evidence: EvidencePicker }): string {
  const figures = Object.entries(finding.numbers).map(([key, value]) => describeNumber(key, value));
  const large = figures
    .slice(0, FIGURES_LARGE)
    .map(({ label, text }) => `<div><dt>${html(label)}</dt><dd>${html(text)}</dd></div>`);
  const small = figures
    .slice(FIGURES_LARGE)
    .map(({ label, text }) => `<li><span>${html(label)}</span> ${html(text)}</li>`);
  return [
    `<li class="finding severity-${html(finding.severity)}" id="finding-${number}"><article>`,
    `<p class="finding-kind"><span class="flag">${number}</span><span class="severity">${html(finding.severity)}</span><code>${html(`${finding.checker}/${finding.class}`)}</code></p>`,
    `<h3>${html(finding.title)}</h3>`,
    `<p class="finding-where"><b>${html(describeHop(finding.hop))}</b> · ${html(describeWindow(finding))} <button type="button" class="quiet" data-from="${finding.fromMs / 1_000}" data-to="${finding.toMs / 1_000}" hidden>show in charts</button></p>`,
    large.length > 0 ? `<dl class="figures">${large.join('')}</dl>` : '',
    small.length > 0 ? `<ul class="more-figures">${small.join('')}</ul>` : '',
    finding.remedy
      ? `<p class="remedy"><b>Change</b> <code>${html(finding.remedy.key)}</code><br>${html(finding.remedy.text)}</p>${finding.remedy.paste === undefined ? '' : `<pre class="paste" tabindex="0">${html(finding.remedy.paste)}</pre>`}`
      : '',
    renderEvidence(finding.evidence, evidence),
    '</article></li>',
  ].join('');
}

/** References as elements that open to the event itself. */
export function renderEvidence(references: readonly EventRef[], evidence: EvidencePicker): string {
  if (references.length === 0) return '';
  const items = references.slice(0, EVIDENCE_MAX).map((reference) => {
    const event = evidence.get(reference);
    if (!event) return `<span class="event-missing">${html(reference)} is not in the history</span>`;
    const summary = `event ${event.n} · ${event.kind} at ${event.hop} · ${describeMoment(event.atMs)}`;
    return `<details class="event"><summary>${html(summary)}</summary><pre tabindex="0">${html(event.json)}</pre></details>`;
  });
  const more = references.length - EVIDENCE_MAX;
  return `<div class="evidence">${items.join('')}${more > 0 ? `<span class="event-missing">and ${more} more in history.jsonl</span>` : ''}</div>`;
}
