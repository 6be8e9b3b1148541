// Annotations for GitHub: workflow commands that put each finding, and each reason for an unknown, on the page of the
// check. GitHub shows ten of each kind for a step, so the worst come first and the rest is counted.

import type { Result, RunResult } from '../model/run.ts';
import { describeReasons, describeWindow, keyFigures, sortFindings } from './describe.ts';
import { makeVisible } from './escape.ts';

const SHOWN_MAX = 9;

/** The commands, one a line; empty where there is nothing to say. */
export function formatGithub(result: Result): string {
  const errors = result.runs.flatMap(listErrors);
  const warnings = result.runs.flatMap(listWarnings);
  return [...cap(errors, 'error'), ...cap(warnings, 'warning')].map((line) => `${line}\n`).join('');
}

function listErrors(run: RunResult): string[] {
  if (run.verdict !== 'invalid') return [];
  return sortFindings(run.findings).map((finding) => {
    const figures = keyFigures(finding.numbers).map(({ label, text }) => `${label} ${text}`);
    const remedy = finding.remedy ? `\nChange ${finding.remedy.key}: ${finding.remedy.text}` : '';
    return command('error', {
      title: `${finding.checker}/${finding.class}: ${nameOf(run)}`,
      message: `${finding.title}\n${describeWindow(finding)}: ${figures.join(', ')}${remedy}`,
    });
  });
}

function listWarnings(run: RunResult): string[] {
  if (run.verdict !== 'unknown') return [];
  const reasons = describeReasons(run);
  return [command('warning', { title: `unknown: ${nameOf(run)}`, message: reasons.join('\n') || 'no reason told' })];
}

function nameOf({ scenario, agent, repeat }: RunResult): string {
  return `${scenario} × ${agent}${repeat > 0 ? ` #${repeat + 1}` : ''}`;
}

function cap(lines: string[], kind: 'error' | 'warning'): string[] {
  const rest = lines.length - SHOWN_MAX;
  if (rest <= 0) return lines;
  return [...lines.slice(0, SHOWN_MAX), command(kind, { title: 'larsen', message: `and ${rest} more in the report` })];
}

/** Text cannot end the command or begin another: its newlines, percents, colons and commas are encoded. */
function command(kind: 'error' | 'warning', { title, message }: { title: string; message: string }): string {
  const name = encode(title).replaceAll(':', '%3A').replaceAll(',', '%2C');
  return `::${kind} title=${name}::${encode(message)}`;
}

function encode(text: string): string {
  return makeVisible(text.replaceAll('\r\n', '\n')).replaceAll('%', '%25').replaceAll('\n', '%0A');
}
