// `npm run verify:oracle`: runs rogues and clean agents over the scenarios and several seeds and writes the matrix.
//
//   node dist/harness/run/oracle/main.js [--seeds 11,12,13] [--profile quick|full] [--homes] [--only TEXT] [--write FILE]
//                                        [--cells FILE] [--resume] [--forget TEXT] [--minutes N] [--keep DIR] [--also FILE]
//
// `--homes`: each agent once, as in CI. `--only`: controls whose scenario and agent, `SCENARIO AGENT`, hold the text.
// `--cells`: each finished cell is kept there; `--resume` runs only those that are not there yet, `--forget` takes cells
// that hold the text out first, `--minutes` begins nothing after that time: the next call with `--resume` goes on.
// `--also`: cells of another call, of other seeds or another profile, that stand on the page as well.
// Exit 1 when a defect was missed or a finding was false, 2 when a cell stayed unknown, 3 when there are cells to run.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadRegistry } from '../../engine/built-ins.ts';
import { openWorkspace, type Workspace } from '../../plugin/workspace.ts';
import { loadScenarios } from '../load-scenarios.ts';
import { appendCell, type Cell, type CellJob, keyOf, readCells, writeCells } from './cells.ts';
import { listAllJobs, listHomeJobs, shareOf } from './control-jobs.ts';
import { gradeControl, renderMatrix } from './matrix.ts';
import { runCell } from './run-cell.ts';
import { shareCores } from './share-cores.ts';
import { TimeLeft } from './time-left.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '11,12,13' },
    profile: { type: 'string', default: 'quick' },
    homes: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    cells: { type: 'string', default: '.larsen/oracle-cells.jsonl' },
    resume: { type: 'boolean', default: false },
    forget: { type: 'string' },
    minutes: { type: 'string', default: 'Infinity' },
    write: { type: 'string' },
    keep: { type: 'string' },
    also: { type: 'string', multiple: true, default: [] },
  },
});
const workspace = await openWorkspace({ configFile: null, loadRegistry });
const jobs = values.seeds.split(',').flatMap((seed) => listJobs(workspace, Number(seed)));
const known = readKnown();
await runAll(jobs.filter((job) => !known.has(keyOf(job))));
report();

function listJobs({ catalogue, registry }: Workspace, seed: number): CellJob[] {
  const loaded = loadScenarios({ catalogue, registry, profile: values.profile });
  const profiles = new Map(loaded.map(({ scenario, profile }) => [scenario.id, profile]));
  const scenarios = loaded.map(({ scenario }) => scenario);
  const all = values.homes ? listHomeJobs(scenarios) : listAllJobs(scenarios);
  return all
    .filter(({ scenario, control }) => `${scenario.id} ${control.agent}`.includes(values.only))
    .map((job) => ({ ...job, profile: profiles.get(job.scenario.id)!, seed }));
}

/** Cells that need no run; without `--resume` the file begins anew. */
function readKnown(): Map<string, Cell> {
  const kept = values.resume ? [...readCells(values.cells)] : [];
  const isForgotten = ({ scenario, agent, doubt }: Cell): boolean =>
    doubt !== null || (values.forget !== undefined && `${scenario} ${agent}`.includes(values.forget));
  const cells = new Map(kept.filter(([, cell]) => !isForgotten(cell)));
  writeCells(values.cells, cells.values());
  return cells;
}

async function runAll(todo: readonly CellJob[]): Promise<void> {
  const startedMs = Date.now();
  const outDir = mkdtempSync(join(values.keep ?? tmpdir(), 'oracle-'));
  const context = { workspace, outDir, keep: values.keep !== undefined, commit: describeCommit() };
  const left = new Set(todo);
  const time = new TimeLeft();
  await shareCores<CellJob, void>(todo, {
    shareOf,
    isOver: () => Date.now() - startedMs > Number(values.minutes) * 60_000,
    run: async (job) => {
      const cell = await runCell(job, context);
      left.delete(job);
      time.add(job, cell.tookMs);
      known.set(cell.key, cell);
      appendCell(values.cells, cell);
      tell(cell, { done: jobs.length - left.size, leftMs: time.leftMs([...left]) });
    },
  });
  if (!context.keep) rmSync(outDir, { recursive: true, force: true });
}

function tell(cell: Cell, { done, leftMs }: { done: number; leftMs: number }): void {
  const { scenario, agent, seed, found, doubt, tookMs } = cell;
  const came = found.join(', ') || (doubt === null ? 'nothing' : `unknown: ${doubt}`);
  console.error(
    `${`${done}/${jobs.length}`.padStart(8)}  ${gradeControl(cell).padEnd(8)} ${(tookMs / 1e3).toFixed(0).padStart(3)} s  ${scenario}  ${agent}  seed ${seed}: ${came}  (${Math.ceil(leftMs / 60_000)} min left)`,
  );
}

function describeCommit(): string {
  const git = (...args: string[]): string => execFileSync('git', args, { encoding: 'utf8' }).trim();
  const isChanged = git('status', '--porcelain', '--untracked-files=no') !== '';
  return git('rev-parse', '--short', 'HEAD') + (isChanged ? '+' : '');
}

function report(): void {
  const cells = jobs.flatMap((job) => known.get(keyOf(job)) ?? []);
  const others = values.also.flatMap((file) => [...readCells(file).values()]);
  const page = renderMatrix([...cells, ...others], { wanted: jobs.length + others.length });
  if (values.write) writeFileSync(values.write, page);
  else console.log(page);
  const grades = cells.map(gradeControl);
  if (grades.some((grade) => grade === 'missed' || grade === 'false')) process.exitCode = 1;
  else if (grades.includes('unknown')) process.exitCode = 2;
  else if (cells.length < jobs.length) process.exitCode = 3;
}
