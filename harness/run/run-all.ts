// A whole call of `larsen run`: plans the runs, runs one after the other (two at once would share the cores that
// they are judged by), tries unknown ones again, writes the results.

import { mkdirSync } from 'node:fs';
import { relative } from 'node:path';
import { HarnessError } from '../core/errors.ts';
import { loadRegistry } from '../engine/built-ins.ts';
import { dockerEngine } from '../engine/docker/docker-engine.ts';
import { processEngine } from '../engine/process/process-engine.ts';
import type { Engine } from '../model/engine.ts';
import type { Reporter } from '../model/reporter.ts';
import type { Result, RunPlan, RunResult } from '../model/run.ts';
import type { RunOptions } from '../model/run-options.ts';
import { composeVerdicts } from '../model/verdict.ts';
import { openWorkspace, type Workspace } from '../plugin/workspace.ts';
import { createTerminalReporter } from '../report/terminal.ts';
import { detectTerminal } from '../report/terminal-paint.ts';
import { acceptFindings } from './accept-findings.ts';
import { annotate } from './annotate.ts';
import { withDiskTold } from './disk-trouble.ts';
import { executeRun } from './execute-run.ts';
import { watchInterrupt } from './interrupt.ts';
import { outputFolder, shortenPath } from './output-folder.ts';
import { planRun, planRuns } from './plan-run.ts';
import { LARSEN_VERSION } from './version.ts';
import { writeCallReports, writeRunReports } from './write-reports.ts';

/** What a call ends with. */
export interface CallOutcome {
  result: Result;
  exitCode: 0 | 1 | 2;
}

const engines: Record<string, Engine> = { process: processEngine, docker: dockerEngine };

/** Runs what was asked for. Throws HarnessError (254 or 255) when nothing could be judged. */
export async function runAll(options: RunOptions): Promise<CallOutcome> {
  const workspace = await openWorkspace({ configFile: options.configFile, loadRegistry });
  const startedAt = new Date();
  const seed = options.seed ?? Math.floor(Math.random() * 1_000_000);
  const name =
    options.scenarios.length === 1 ? options.scenarios[0]! : options.scenarios.length === 0 ? 'default' : 'run';
  const outDir = outputFolder(options.out, { startedAt, name });
  const plans = planRuns(options, { workspace, seed, outDir });
  return runPlans(plans, options, { workspace, outDir, startedAt });
}

/** Runs planned runs one after the other. */
export async function runPlans(
  plans: RunPlan[],
  options: Pick<RunOptions, 'json' | 'quiet' | 'retryUnknown' | 'failOn' | 'only' | 'keep'>,
  { workspace, outDir, startedAt }: { workspace: Workspace; outDir: string; startedAt: Date },
): Promise<CallOutcome> {
  createFolder(outDir);
  // With --json stdout belongs to the result: progress and outcome go to stderr.
  const stream = options.json ? process.stderr : process.stdout;
  const reporter = createTerminalReporter({ ...detectTerminal(stream, process.env), stream, quiet: options.quiet });
  const interrupt = watchInterrupt(reporter);
  const runs: RunResult[] = [];
  reporter.message(
    `seed ${plans[0]!.seed} · larsen ${LARSEN_VERSION} · ${plans.length} run${plans.length === 1 ? '' : 's'} · results in ${shortenPath(outDir)}`,
  );
  try {
    for (const [index, plan] of plans.entries()) {
      if (interrupt.signal.aborted) break;
      reporter.runStarted(plan, index, plans.length);
      const context = { workspace, outDir, reporter, signal: interrupt.signal };
      const run = await withDiskTold(outDir, () => runWithRetries(plan, options, context));
      runs.push(run);
      reporter.runEnded(run);
    }
  } finally {
    interrupt.stop();
  }
  const verdict = composeVerdicts(
    interrupt.signal.aborted && runs.length < plans.length
      ? [...runs.map((run) => run.verdict), 'unknown']
      : runs.map((run) => run.verdict),
  );
  const result: Result = {
    schema: 1,
    larsen: LARSEN_VERSION,
    verdict,
    startedAt: startedAt.toISOString(),
    durationMs: Date.now() - startedAt.getTime(),
    runs,
  };
  const paths = await withDiskTold(outDir, () => writeCallReports(result, outDir));
  reporter.finished(result, paths);
  annotate(result, stream, process.env);
  return { result, exitCode: exitCodeOf(verdict, options.failOn) };
}

/** 0 valid, 1 invalid, 2 unknown; with `--fail-on invalid` an unknown does not fail the call. */
export function exitCodeOf(verdict: Result['verdict'], failOn: RunOptions['failOn']): 0 | 1 | 2 {
  if (verdict === 'invalid') return 1;
  return verdict === 'unknown' && failOn === 'unknown' ? 2 : 0;
}

async function runWithRetries(
  plan: RunPlan,
  { retryUnknown, only, keep }: Pick<RunOptions, 'retryUnknown' | 'only' | 'keep'>,
  {
    workspace,
    outDir,
    reporter,
    signal,
  }: { workspace: Workspace; outDir: string; reporter: Reporter; signal: AbortSignal },
): Promise<RunResult> {
  const engine = engines[plan.engine];
  if (!engine)
    throw new HarnessError(
      'E_ARGUMENT_ENGINE',
      `\`--engine ${plan.engine}\`: this version of larsen has the engines ${Object.keys(engines).join(', ')}`,
    );
  for (let attempt = 0; ; attempt++) {
    const attempted = attempt === 0 ? plan : planRun({ ...plan, outDir, attempt });
    const startMs = performance.now();
    const judged = await executeRun({
      plan: attempted,
      registry: workspace.registry,
      engine,
      images: workspace.config.images,
      reporter,
      signal,
      only,
      keep,
    });
    const timed = {
      ...judged.result,
      folder: relative(outDir, attempted.folder),
      durationMs: Math.round(performance.now() - startMs),
    };
    const run = acceptFindings(timed, workspace.config.accept, new Date());
    await writeRunReports({ ...judged, result: run });
    if (run.verdict !== 'unknown' || attempt >= retryUnknown || signal.aborted) return run;
    reporter.message(`${plan.scenario.id} was unknown (${run.reasons[0] ?? 'no reason told'}); trying again`);
  }
}

function createFolder(outDir: string): void {
  try {
    mkdirSync(outDir, { recursive: true });
  } catch (cause) {
    throw new HarnessError(
      'E_ARGUMENT_OUT',
      `The folder for results, ${outDir}, cannot be made: choose another with \`--out\``,
      { cause },
    );
  }
}
