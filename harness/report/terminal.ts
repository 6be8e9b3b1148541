// The terminal: live progress of `larsen run`, then the verdict table, the findings and where the report is. On a
// terminal one line is redrawn at most ten times a second; elsewhere (a pipe, CI) there is one line per phase and
// at most one progress line in five seconds. All text from outside is made harmless before it is written.

import { dirname } from 'node:path';
import { nowNs } from '../core/real-clock.ts';
import type { Reporter, ReportPaths, RunTick } from '../model/reporter.ts';
import type { Result, RunPlan } from '../model/run.ts';
import { describeCount, VERDICT_SYMBOLS } from './describe.ts';
import { makeOneLine } from './escape.ts';
import { formatRunFindings } from './terminal-findings.ts';
import { clampWidth, createPaint, type Paint } from './terminal-paint.ts';
import { describeProgress, describeProgressBar } from './terminal-progress.ts';
import { formatVerdictTable } from './terminal-table.ts';
import { cut, wrap } from './text-layout.ts';
import { describeImages } from './used-images.ts';

/** How to write to a terminal; `detectTerminal` finds isTty, color and width. */
export interface TerminalOptions {
  stream: { write(text: string): unknown };
  /** Whether a line can be redrawn. */
  isTty: boolean;
  color: boolean;
  /** No progress and no messages: only the outcome. */
  quiet: boolean;
  /** Columns; taken as at least 40 and at most 100. */
  width: number;
  /** Monotonic milliseconds, for pacing only; the real clock by default. */
  nowMs?: () => number;
}

const REDRAW_EVERY_MS = 100;
const PLAIN_EVERY_MS = 5_000;
const CLEAR_LINE = '\r\u001b[2K';

/** A reporter that writes to a terminal or to a plain stream. */
export function createTerminalReporter({
  stream,
  isTty,
  color,
  quiet,
  width,
  nowMs = () => nowNs() / 1e6,
}: TerminalOptions): Reporter {
  const paint = createPaint(color);
  const columns = clampWidth(width);
  let live = '';
  let phase = '';
  let label = '';
  let lastProgressMs = Number.NEGATIVE_INFINITY;

  const write = (text: string): void => {
    try {
      stream.write(text);
    } catch {
      // A reader that went away (`larsen run | head`) must not change a verdict.
    }
  };
  const print = (line: string): void => {
    write(`${live === '' ? '' : CLEAR_LINE}${line}\n${live}`);
  };
  const redraw = (line: string): void => {
    live = line;
    write(CLEAR_LINE + line);
  };
  const endLive = (): void => {
    if (live !== '') write(CLEAR_LINE);
    live = '';
  };

  return {
    runStarted(plan, index, total) {
      label = describePlan(plan, { index, total });
      phase = '';
      if (quiet) return;
      if (isTty) redraw(cut(label, columns - 1));
      else print(`${label} (${plan.engine} engine, seed ${plan.seed})`);
    },
    phase(name, detail) {
      phase = makeOneLine(name);
      const text = detail ? `${phase}: ${makeOneLine(detail)}` : phase;
      // The first tick of a phase is shown at once.
      lastProgressMs = Number.NEGATIVE_INFINITY;
      if (quiet) return;
      if (isTty) redraw(cut(`${label} · ${text}`, columns - 1));
      else for (const line of wrap(text, columns - 2)) print(`  ${line}`);
    },
    tick(tick: RunTick) {
      const now = nowMs();
      if (quiet || now - lastProgressMs < (isTty ? REDRAW_EVERY_MS : PLAIN_EVERY_MS)) return;
      lastProgressMs = now;
      if (isTty)
        redraw(cut(`${describeProgressBar(tick)} ${phase} · ${describeProgress(tick)} · ${label}`, columns - 1));
      else print(`    ${cut(describeProgress(tick), columns - 4)}`);
    },
    runEnded(run) {
      endLive();
      if (quiet) return;
      const lost = run.ledger.total.lostLines > 0 ? `, ${describeCount(run.ledger.total.lostLines)} lines lost` : '';
      const findings =
        run.findings.length === 0
          ? ''
          : `: ${run.findings.length} ${run.findings.length === 1 ? 'finding' : 'findings'}${lost}`;
      const text = `${VERDICT_SYMBOLS[run.verdict]} ${run.verdict}`;
      print(`${paint.verdict(run.verdict, text)} ${cut(`${label}${findings}`, columns - text.length - 1)}`);
    },
    finished(result, paths) {
      endLive();
      for (const line of formatOutcome(result, { paths, paint, width: columns })) print(line);
    },
    message(text) {
      if (quiet) return;
      for (const line of wrap(makeOneLine(text), columns)) print(line);
    },
  };
}

/** The final output: table, findings of what is not valid, overall verdict, the report's path last. */
export function formatOutcome(
  result: Result,
  { paths, paint, width }: { paths: ReportPaths; paint: Paint; width: number },
): string[] {
  const resultFolder = dirname(paths.resultPath);
  const blocks = result.runs
    .map((run) => formatRunFindings(run, { paint, width, resultFolder }))
    .filter((block) => block.length > 0);
  return [
    '',
    ...formatVerdictTable(result.runs, { paint, width }),
    '',
    ...blocks.flatMap((block) => [paint.dim('─'.repeat(width)), ...block, '']),
    ...formatTotal(result, { paint, width }),
    ...formatImages(result, width),
    `result  ${makeOneLine(paths.resultPath)}`,
    `report  ${paint.command(makeOneLine(paths.reportPath))}`,
  ];
}

/** What the verdicts are on, where it is not the public images. */
function formatImages({ runs }: Result, width: number): string[] {
  const said = describeImages(runs);
  return said.length === 0 ? [] : wrap(makeOneLine(`Judged with ${said.join(', ')}.`), width);
}

/** The verdict of all runs in a line, in more where the terminal is narrow. */
function formatTotal(result: Result, { paint, width }: { paint: Paint; width: number }): string[] {
  const count = (verdict: string): number => result.runs.filter((run) => run.verdict === verdict).length;
  const runs = `${result.runs.length} ${result.runs.length === 1 ? 'run' : 'runs'}`;
  const text = `${runs}: ${count('valid')} valid, ${count('invalid')} invalid, ${count('unknown')} unknown`;
  const verdict = `${VERDICT_SYMBOLS[result.verdict]} ${result.verdict}`;
  const [first = '', ...rest] = wrap(text, width - verdict.length - 2);
  return [
    `${paint.verdict(result.verdict, verdict)}  ${first}`,
    ...rest.map((line) => ' '.repeat(verdict.length + 2) + line),
  ];
}

function describePlan(plan: RunPlan, { index, total }: { index: number; total: number }): string {
  const repeat = plan.repeat > 1 ? ` #${plan.repeat}` : '';
  return `[${index + 1}/${total}] ${makeOneLine(plan.scenario.id)}${repeat} × ${makeOneLine(plan.agent.name)}`;
}
