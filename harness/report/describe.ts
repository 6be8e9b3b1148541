// Facts of a result in words that every format shares: numbers with their unit, moments, verdict words, what a row
// of the verdict table holds, and the order in which findings are told.

import { describeDuration, describeSize } from '../core/units.ts';
import type { Finding, Severity } from '../model/finding.ts';
import type { RunResult } from '../model/run.ts';
import type { Verdict } from '../model/verdict.ts';

/** ✔ valid, ✘ invalid, ? unknown. */
export const VERDICT_SYMBOLS: Record<Verdict, string> = { valid: '✔', invalid: '✘', unknown: '?' };

/** One figure for people: what it is and how much, e.g. `longest write` and `12.9 s`. */
export interface Figure {
  label: string;
  text: string;
}

/** One run as a row of the verdict table. Texts, ready to be aligned. */
export interface RunRow {
  scenario: string;
  agent: string;
  verdict: Verdict;
  due: string;
  stored: string;
  lost: string;
  duplicated: string;
  longestWrite: string;
  howl: string;
  seconds: string;
}

/** 1234567 as `1,234,567`. */
export function describeCount(count: number): string {
  return Number.isFinite(count) ? Math.round(count).toLocaleString('en-US') : String(count);
}

/** A moment since load start, e.g. `12.9 s`. */
export function describeMoment(ms: number): string {
  return `${(ms / 1_000).toFixed(Math.abs(ms) < 1_000_000 ? 1 : 0)} s`;
}

/** When a finding happened, e.g. `12.9 s to 86.0 s after load start (73.1 s long)`. */
export function describeWindow({ fromMs, toMs }: { fromMs: number; toMs: number }): string {
  if (toMs - fromMs < 50) return `${describeMoment(fromMs)} after load start`;
  return `${describeMoment(fromMs)} to ${describeMoment(toMs)} after load start (${describeDuration(toMs - fromMs)} long)`;
}

/** `agent` as `at the agent`, `driver..agent` as `between driver and agent`. */
export function describeHop(hop: string): string {
  return hop.includes('..') ? `between ${hop.replace('..', ' and ')}` : `at the ${hop}`;
}

const COUNTED =
  /^(.*?)(Lines|Requests|Pushes|Ids|Entries|Records|Messages|Writes|Attempts|Generations|Apps|Threads|Events|Times|Restarts)$/;

/**
 * Words for a number whose key ends in its unit: `longestWriteMs` → `longest write`, `12.9 s`. A name before a dot is
 * kept (`web.writeMaxMs` → `web write max`), a rank may follow the unit (`ownBytesPerSecondMax` → `own max`).
 */
export function describeNumber(key: string, value: number): Figure {
  const dot = key.lastIndexOf('.');
  if (dot > 0) {
    const figure = describeNumber(key.slice(dot + 1), value);
    return { label: `${key.slice(0, dot)} ${figure.label}`, text: figure.text };
  }
  const ranked = /^(.*(?:Bytes|Ms|PerSecond|Ratio|Lines))(Max|Min|P50|P99)$/.exec(key);
  if (ranked) {
    const figure = describeNumber(ranked[1]!, value);
    return { label: `${figure.label} ${ranked[2]!.toLowerCase()}`, text: figure.text };
  }
  return describeUnit(key, value) ?? { label: words(key), text: trim(value) };
}

function describeUnit(key: string, value: number): Figure | undefined {
  const unit = (suffix: string, text: string): Figure | undefined =>
    key.toLowerCase().endsWith(suffix.toLowerCase())
      ? { label: words(key.slice(0, -suffix.length)) || words(suffix), text }
      : undefined;
  if (/^ms[A-Z]/.test(key)) return { label: words(key.slice(2)), text: describeDuration(value) };
  if (/^bytes[A-Z]/.test(key)) return { label: words(key.slice(5)), text: describeSize(value) };
  if (/(From|To|At)Ms$/.test(key)) return { label: words(key.slice(0, -2)), text: describeMoment(value) };
  const counted = COUNTED.exec(key);
  return (
    unit('BytesPerSecond', `${describeSize(value)}/s`) ??
    unit('PerSecond', `${describeCount(value)}/s`) ??
    unit('Bytes', describeSize(value)) ??
    unit('Ms', describeDuration(value)) ??
    unit('Seconds', `${trim(value)} s`) ??
    describeRatio(key, value) ??
    (counted
      ? { label: words(counted[1] ?? '') || words(counted[2]!), text: `${describeCount(value)} ${words(counted[2]!)}` }
      : unit('Count', describeCount(value)))
  );
}

/** A gain is a factor whatever its size; any other ratio up to 1 is a share. */
function describeRatio(key: string, value: number): Figure | undefined {
  if (key === 'gain') return { label: key, text: `${trim(value)} ×` };
  if (!key.endsWith('Ratio')) return undefined;
  const label = words(key.slice(0, -'Ratio'.length));
  if (value > 1 || /gain|factor|amplification/.test(label))
    return { label: label || 'ratio', text: `${trim(value)} ×` };
  return { label: `${label} share`.trim(), text: `${trim(value * 100)} %` };
}

/** The first `count` numbers of a finding: checkers put what matters first. */
export function keyFigures(numbers: Record<string, number>, count = 3): Figure[] {
  return Object.entries(numbers)
    .slice(0, count)
    .map(([key, value]) => describeNumber(key, value));
}

const SEVERITY_ORDER: Record<Severity, number> = { critical: 0, major: 1, minor: 2 };

/** The worst first, then the earliest. */
export function sortFindings(findings: readonly Finding[]): Finding[] {
  return [...findings].sort((a, b) => SEVERITY_ORDER[a.severity] - SEVERITY_ORDER[b.severity] || a.fromMs - b.fromMs);
}

/** The texts of a row of the verdict table; what was not measured is `–`. */
export function describeRun(run: RunResult): RunRow {
  const { total } = run.ledger;
  return {
    scenario: run.repeat > 0 ? `${run.scenario} #${run.repeat + 1}` : run.scenario,
    agent: run.agent,
    verdict: run.verdict,
    due: describeCount(total.dueLines),
    stored: describeCount(total.storedLines),
    lost: describeCount(total.lostLines),
    duplicated: describeCount(total.duplicatePushedLines),
    longestWrite: describeLongestWrite(run),
    howl: describeHowl(run),
    seconds: run.durationMs === undefined ? '–' : (run.durationMs / 1_000).toFixed(1),
  };
}

/** What a run says of itself beyond its checks: its own reasons, then those of each check, each once. */
export function describeReasons(run: RunResult): string[] {
  const ofChecks = Object.entries(run.checks).flatMap(([checker, check]) =>
    check.verdict === 'unknown'
      ? check.reasons.filter((reason) => !run.reasons.includes(reason)).map((reason) => `${checker}: ${reason}`)
      : [],
  );
  return [...new Set([...run.reasons, ...ofChecks])];
}

/** Longest write(2) of an app that blocks, as socket-stall measured it. */
function describeLongestWrite(run: RunResult): string {
  const writeMaxMs = run.checks['socket-stall']?.numbers.writeMaxMs;
  return writeMaxMs === undefined ? '–' : describeDuration(writeMaxMs);
}

const HOWL_WORDS: Record<string, string> = {
  howling: 'yes',
  'internal-loop': 'yes',
  'damped-loop': 'damped',
  'payload-echo': 'echo',
};

function describeHowl(run: RunResult): string {
  const check = run.checks['feedback-loop'];
  const classes = run.findings.filter((finding) => finding.checker === 'feedback-loop').map((finding) => finding.class);
  for (const [name, word] of Object.entries(HOWL_WORDS)) if (classes.includes(name)) return word;
  if (!check) return '–';
  return check.verdict === 'valid' ? 'no' : check.verdict === 'unknown' ? '?' : 'yes';
}

/** `longestWrite` → `longest write`. */
function words(key: string): string {
  return key
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .trim();
}

/** At most three significant decimals, without trailing zeros. */
function trim(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (Math.abs(value) >= 1_000) return describeCount(value);
  return String(Number(value.toPrecision(3)));
}
