// Runs one cell of the matrix: one control with one seed. A run that proved nothing is tried once more, as in CI.

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Workspace } from '../../plugin/workspace.ts';
import { runControl } from '../run-control.ts';
import { type Cell, type CellJob, keyOf } from './cells.ts';

/** Where and as what cells are run. */
export interface CellContext {
  workspace: Workspace;
  /** Run folders go here. */
  outDir: string;
  /** Run folders stay. */
  keep: boolean;
  commit: string;
}

/** Runs it. Throws HarnessError when the harness broke. */
export async function runCell(job: CellJob, context: CellContext): Promise<Cell> {
  const first = await runOnce(job, context);
  return first.doubt === null ? first : runOnce(job, context);
}

let runs = 0;

async function runOnce(job: CellJob, { workspace, outDir, keep, commit }: CellContext): Promise<Cell> {
  const { scenario, control, profile, seed } = job;
  const startedMs = Date.now();
  const repeat = runs++;
  const folder = join(outDir, [repeat, scenario.id, control.agent, seed].join('-').replaceAll('/', '-'));
  const run = { workspace, scenario: scenario.id, control, profile, seed, repeat, outDir: folder };
  const { judged, expected, found } = await runControl(run);
  const { verdict, reasons } = judged.result;
  if (!keep) rmSync(folder, { recursive: true, force: true });
  return {
    key: keyOf(job),
    scenario: scenario.id,
    agent: control.agent,
    isVariant: Object.keys(control.with).length > 0,
    expected,
    found,
    doubt: verdict === 'unknown' ? reasons.join('; ') || 'no reason given' : null,
    profile,
    seed,
    commit,
    date: new Date().toISOString().slice(0, 10),
    tookMs: Date.now() - startedMs,
  };
}
