// What went wrong, for somebody who was woken up by it: per run that is not valid what happened, where, when, the
// three numbers that matter, what to change, where the evidence is; why a run is unknown; and the line that runs
// it again.

import { join } from 'node:path';
import type { Finding } from '../model/finding.ts';
import type { RunResult } from '../model/run.ts';
import { describeHop, describeReasons, describeWindow, keyFigures, sortFindings, VERDICT_SYMBOLS } from './describe.ts';
import { makeOneLine, makeVisible, shellArgument } from './escape.ts';
import type { Paint } from './terminal-paint.ts';
import { pad, wrap } from './text-layout.ts';

/** Layout of a block of text. `resultFolder`: folder of result.json as the caller would type it. */
export interface FindingsLayout {
  paint: Paint;
  width: number;
  resultFolder: string;
}

const LABEL_COLUMNS = 10;
const INDENT = '  ';
/** A run with more findings than this says how many more are in its report: no wall of text. */
const FINDINGS_SHOWN_MAX = 12;

/** Lines that tell a run that is not valid; empty for a valid one without findings. */
export function formatRunFindings(run: RunResult, layout: FindingsLayout): string[] {
  if (run.verdict === 'valid' && run.findings.length === 0) return [];
  const { paint, width } = layout;
  const name = wrap(`${VERDICT_SYMBOLS[run.verdict]} ${makeOneLine(run.scenario)} × ${makeOneLine(run.agent)}`, width);
  const findings = sortFindings(run.findings);
  const shown = findings.slice(0, FINDINGS_SHOWN_MAX);
  const more = findings.length - shown.length;
  const reasons = run.verdict === 'unknown' ? describeReasons(run) : run.reasons;
  return [
    ...name.map((line) => paint.verdict(run.verdict, line)),
    ...shown.flatMap((finding, index) => ['', ...formatFinding(finding, index + 1, layout)]),
    ...(more > 0 ? ['', `${INDENT}and ${more} more in its report.html`] : []),
    ...formatReasons(reasons, run, layout),
    '',
    INDENT + paint.dim(pad('folder', LABEL_COLUMNS)) + makeOneLine(runFolder(run, layout.resultFolder)),
    // The command is never wrapped: it is there to be copied.
    INDENT + paint.dim(pad('again', LABEL_COLUMNS)) + paint.command(describeReplay(run, layout.resultFolder)),
  ];
}

/** The command that runs it again from its record. */
export function describeReplay(run: RunResult, resultFolder: string): string {
  return `larsen replay ${shellArgument(runFolder(run, resultFolder))}`;
}

function formatFinding(finding: Finding, number: number, layout: FindingsLayout): string[] {
  const { paint, width } = layout;
  const head = `${number}. `;
  const title = wrap(makeOneLine(finding.title), width - INDENT.length - head.length);
  const figures = keyFigures(finding.numbers).map(({ label, text }) => `${makeOneLine(label)} ${text}`);
  const field = (label: string, text: string): string[] => labelled(label, text, layout);
  return [
    ...title.map((line, index) => INDENT + (index === 0 ? head : ' '.repeat(head.length)) + paint.bold(line)),
    ...field('what', makeOneLine(`${finding.checker}/${finding.class}, ${finding.severity}`)).map((line) =>
      paint.severity(finding.severity, line),
    ),
    ...field('where', makeOneLine(describeHop(finding.hop))),
    ...field('when', describeWindow(finding)),
    ...(figures.length > 0 ? field('numbers', figures.join(' · ')) : []),
    ...(finding.remedy ? field('change', makeOneLine(`${finding.remedy.key}: ${finding.remedy.text}`)) : []),
    ...(finding.remedy?.paste === undefined ? [] : quoted(finding.remedy.paste, layout)),
    ...(finding.evidence.length > 0 ? field('evidence', describeEvidence(finding)) : []),
  ];
}

/** Lines to paste keep their breaks and are never wrapped. */
function quoted(text: string, { paint }: FindingsLayout): string[] {
  return text
    .split('\n')
    .map(
      (line, index) =>
        `${INDENT}   ${index === 0 ? paint.dim(pad('paste', LABEL_COLUMNS)) : ' '.repeat(LABEL_COLUMNS)}${makeVisible(line)}`,
    );
}

function formatReasons(reasons: readonly string[], run: RunResult, layout: FindingsLayout): string[] {
  if (reasons.length === 0) return [];
  const title = run.verdict === 'unknown' ? 'Why it is unknown:' : 'Also to know:';
  const lines = reasons.flatMap((reason) =>
    wrap(makeOneLine(reason), layout.width - 6).map((line, index) => `    ${index === 0 ? '- ' : '  '}${line}`),
  );
  return ['', INDENT + layout.paint.dim(title), ...lines];
}

function describeEvidence(finding: Finding): string {
  const numbers = finding.evidence.map((reference) => makeOneLine(reference).replace(/^history#/, ''));
  const shown = numbers.slice(0, 5).join(', ');
  const more = numbers.length > 5 ? ` and ${numbers.length - 5} more` : '';
  return `${numbers.length === 1 ? 'event' : 'events'} ${shown}${more} in history.jsonl`;
}

/** The run's folder as the caller would type it. */
function runFolder(run: RunResult, resultFolder: string): string {
  return join(resultFolder, run.folder);
}

function labelled(label: string, text: string, { paint, width }: FindingsLayout): string[] {
  const indent = `${INDENT}   `;
  const lines = wrap(text, width - indent.length - LABEL_COLUMNS);
  return lines.map(
    (line, index) => indent + (index === 0 ? paint.dim(pad(label, LABEL_COLUMNS)) : ' '.repeat(LABEL_COLUMNS)) + line,
  );
}
