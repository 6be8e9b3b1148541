// `larsen report`: writes the reports of a folder anew from what is recorded there, with today's pages. Verdicts stay as
// they were: judging again is `larsen check`.

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { HarnessError } from '../core/errors.ts';
import { loadRegistry } from '../engine/built-ins.ts';
import type { Comparison } from '../model/comparison.ts';
import type { PartRegistry } from '../model/engine.ts';
import type { Result, RunResult } from '../model/run.ts';
import { openWorkspace } from '../plugin/workspace.ts';
import { comparisonSchema } from '../scenario/comparison-schema.ts';
import { resultSchema } from '../scenario/result-schema.ts';
import { writeComparison } from './compare/write-comparison.ts';
import { judgeRun } from './judge-run.ts';
import { shortenPath } from './output-folder.ts';
import { refuseNewer } from './refuse-newer.ts';
import { writeCallReports, writeRunReports } from './write-reports.ts';

/** Renders a call's folder, a run's folder or a comparison again; returns the files a reader would open. */
export async function renderAgain(folder: string, configFile: string | null): Promise<string[]> {
  const workspace = await openWorkspace({ configFile, loadRegistry });
  const comparison = readJson(join(folder, 'comparison.json'), comparisonSchema);
  const result = findResult(folder);
  if (!comparison && !result)
    throw new HarnessError(
      'E_RUN_FOLDER_READ',
      `${folder} holds no result.json, comparison.json or run.json: name the folder that \`larsen run\` printed`,
    );
  const written: string[] = [];
  if (result) {
    for (const run of result.runs) await renderRun(run, folder, workspace.registry);
    written.push((await writeCallReports(result, folder)).reportPath);
  }
  if (comparison) written.push(await writeComparison(comparison as unknown as Comparison, folder));
  return written;
}

/** The result of a folder: its own, or for a run's folder its part of the call's. */
export function findResult(folder: string): Result | null {
  const own = readResult(join(folder, 'result.json'));
  if (own) return own;
  if (!existsSync(join(folder, 'run.json'))) return null;
  const parent = dirname(resolve(folder));
  const run = readResult(join(parent, 'result.json'))?.runs.find(
    (candidate) => resolve(parent, candidate.folder) === resolve(folder),
  );
  const call = readResult(join(parent, 'result.json'));
  return call && run ? { ...call, verdict: run.verdict, runs: [{ ...run, folder: '.' }] } : null;
}

function readResult(file: string): Result | null {
  return readJson(file, resultSchema) as Result | null;
}

/** The pages of one run; a run whose folder is gone keeps its row in the overview. */
async function renderRun(run: RunResult, folder: string, registry: PartRegistry): Promise<void> {
  const runFolder = resolve(folder, run.folder);
  if (relative(resolve(folder), runFolder).startsWith('..') || !existsSync(join(runFolder, 'run.json'))) return;
  const judged = await judgeRun(runFolder, registry);
  await writeRunReports({ ...judged, result: run });
}

interface Schema {
  parse(raw: unknown): unknown;
}

function readJson(file: string, schema: Schema): unknown {
  if (!existsSync(file)) return null;
  try {
    const raw: unknown = JSON.parse(readFileSync(file, 'utf8'));
    refuseNewer(raw, shortenPath(file));
    return schema.parse(raw);
  } catch (cause) {
    if (cause instanceof HarnessError) throw cause;
    throw new HarnessError('E_RUN_FOLDER_INVALID', `${shortenPath(file)} is not what larsen wrote: restore it`, {
      cause,
    });
  }
}
