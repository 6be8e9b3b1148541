// JUnit XML for CI systems: one test suite per run, one test case per checker. `invalid` is a failure with the
// findings' titles and numbers, `unknown` an error: an unproven pipeline must not look green.

import type { Finding } from '../model/finding.ts';
import type { Result, RunResult } from '../model/run.ts';
import { describeHop, describeWindow, keyFigures, sortFindings } from './describe.ts';
import { escapeXml, makeVisible } from './escape.ts';

/** The XML text. Valid XML 1.0 whatever the result holds. */
export function formatJunit(result: Result): string {
  const suites = result.runs.map((run) => ({ run, cases: listCases(run) }));
  const all = suites.flatMap(({ cases }) => cases);
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="larsen" ${counts(all)} time="${seconds(result.durationMs)}">`,
    ...suites.flatMap(({ run, cases }) => formatSuite(run, { cases, startedAt: result.startedAt })),
    '</testsuites>',
  ];
  return `${lines.join('\n')}\n`;
}

/** Findings of a checker that are told in full, and events of each; the rest stands in result.json. */
const FINDINGS_MAX = 20;
const EVIDENCE_MAX = 8;

interface TestCase {
  name: string;
  outcome: 'passed' | 'failure' | 'error';
  /** Type of the failure or error: the classes found, or `unknown`. */
  type: string;
  message: string;
  body: string;
}

function formatSuite(run: RunResult, { cases, startedAt }: { cases: TestCase[]; startedAt: string }): string[] {
  const name = `${run.scenario} × ${run.agent}${run.repeat > 0 ? ` #${run.repeat + 1}` : ''}`;
  const time = seconds(run.durationMs ?? 0);
  const properties = { engine: run.engine, seed: String(run.seed), verdict: run.verdict, folder: run.folder };
  return [
    `  <testsuite name="${escapeXml(name)}" ${counts(cases)} time="${time}" timestamp="${escapeXml(startedAt)}">`,
    '    <properties>',
    ...Object.entries(properties).map(([key, value]) => `      <property name="${key}" value="${escapeXml(value)}"/>`),
    '    </properties>',
    ...cases.flatMap((testCase) => formatCase(testCase, name)),
    '  </testsuite>',
  ];
}

function formatCase({ name, outcome, type, message, body }: TestCase, suite: string): string[] {
  const open = `    <testcase classname="${escapeXml(suite)}" name="${escapeXml(name)}"`;
  if (outcome === 'passed') return [`${open}/>`];
  return [
    `${open}>`,
    `      <${outcome} type="${escapeXml(type)}" message="${escapeXml(message)}">${cdata(body)}</${outcome}>`,
    '    </testcase>',
  ];
}

/** A case per checker, and one named `run` where the run is worse than its checks explain (interrupted, a fault that did not bite). */
function listCases(run: RunResult): TestCase[] {
  const cases = Object.entries(run.checks).map(([name, check]): TestCase => {
    const findings = sortFindings(run.findings.filter((finding) => finding.checker === name));
    if (check.verdict === 'valid') return { name, outcome: 'passed', type: '', message: '', body: '' };
    const unknown = check.verdict === 'unknown';
    return {
      name,
      outcome: unknown ? 'error' : 'failure',
      type: unknown ? 'unknown' : [...new Set(findings.map((finding) => finding.class))].join(' ') || 'invalid',
      message: (unknown ? check.reasons[0] : (describeFirst(findings) ?? check.reasons[0])) ?? check.verdict,
      body: [...describeFindings(findings), ...check.reasons].join('\n'),
    };
  });
  const explained = cases.some(({ outcome }) => outcome === (run.verdict === 'unknown' ? 'error' : 'failure'));
  if (run.verdict === 'valid' || explained) return cases;
  const outcome = run.verdict === 'unknown' ? 'error' : 'failure';
  return [
    ...cases,
    { name: 'run', outcome, type: run.verdict, message: run.reasons[0] ?? run.verdict, body: run.reasons.join('\n') },
  ];
}

/** The worst finding's title, and how many more there are. */
function describeFirst([first, ...others]: readonly Finding[]): string | undefined {
  if (!first || others.length === 0) return first?.title;
  return `${first.title} (and ${others.length} more)`;
}

function describeFindings(findings: readonly Finding[]): string[] {
  const told = findings.slice(0, FINDINGS_MAX).map(describeFinding);
  const more = findings.length - told.length;
  return more > 0 ? [...told, `and ${more} more in result.json`] : told;
}

function describeFinding(finding: Finding): string {
  const numbers = keyFigures(finding.numbers, 12).map(({ label, text }) => `  ${label}: ${text}`);
  const remedy = finding.remedy ? [`  change ${finding.remedy.key}: ${finding.remedy.text}`] : [];
  const events = finding.evidence.slice(0, EVIDENCE_MAX);
  const more = finding.evidence.length - events.length;
  const evidence = events.length > 0 ? [`  evidence: ${events.join(', ')}${more > 0 ? ` and ${more} more` : ''}`] : [];
  return [
    finding.title,
    `  ${finding.class} ${describeHop(finding.hop)}, ${describeWindow(finding)}`,
    ...numbers,
    ...remedy,
    ...evidence,
  ].join('\n');
}

function counts(cases: readonly TestCase[]): string {
  const of = (outcome: string): number => cases.filter((testCase) => testCase.outcome === outcome).length;
  return `tests="${cases.length}" failures="${of('failure')}" errors="${of('error')}" skipped="0"`;
}

/** A CDATA section; `]]>` in the text is split over two. */
function cdata(text: string): string {
  return `<![CDATA[${makeVisible(text).replaceAll(']]>', ']]]]><![CDATA[>')}]]>`;
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(3);
}
