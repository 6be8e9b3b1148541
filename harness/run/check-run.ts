// `larsen check`: judges a recorded run again with today's checkers and limits. Nothing is run.

import { resolve } from 'node:path';
import { loadRegistry } from '../engine/built-ins.ts';
import type { Result } from '../model/run.ts';
import type { CheckOptions } from '../model/run-options.ts';
import { openWorkspace } from '../plugin/workspace.ts';
import { createTerminalReporter } from '../report/terminal.ts';
import { detectTerminal } from '../report/terminal-paint.ts';
import { acceptFindings } from './accept-findings.ts';
import { annotate } from './annotate.ts';
import { withDiskTold } from './disk-trouble.ts';
import { judgeRun } from './judge-run.ts';
import { type CallOutcome, exitCodeOf } from './run-all.ts';
import { LARSEN_VERSION } from './version.ts';
import { writeCallReports, writeRunReports } from './write-reports.ts';

/**
 * Judges the run folder again and writes its reports anew, result.json beside them. Throws E_RUN_FOLDER_READ,
 * E_RUN_FOLDER_INVALID and E_RUN_FOLDER_WRITE.
 */
export function checkRun(folder: string, options: CheckOptions): Promise<CallOutcome> {
  return withDiskTold(folder, () => checkFolder(folder, options));
}

async function checkFolder(folder: string, options: CheckOptions): Promise<CallOutcome> {
  const workspace = await openWorkspace({ configFile: options.configFile, loadRegistry });
  const judged = await judgeRun(resolve(folder), workspace.registry, options.only);
  const run = acceptFindings({ ...judged.result, folder: '.' }, workspace.config.accept, new Date());
  await writeRunReports({ ...judged, result: run });
  const result: Result = {
    schema: 1,
    larsen: LARSEN_VERSION,
    verdict: run.verdict,
    startedAt: judged.record.startedAt,
    durationMs: Math.round(judged.record.endMs),
    runs: [run],
  };
  const stream = options.json ? process.stderr : process.stdout;
  const reporter = createTerminalReporter({ ...detectTerminal(stream, process.env), stream, quiet: options.quiet });
  const paths = await writeCallReports(result, resolve(folder));
  reporter.finished(result, { ...paths, reportPath: `${folder}/report.html` });
  annotate(result, stream, process.env);
  return { result, exitCode: exitCodeOf(run.verdict, options.failOn) };
}
