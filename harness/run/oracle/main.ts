// `npm run verify:oracle`: runs rogues and clean agents over the scenarios and several seeds and writes the matrix.
//
//   node dist/harness/run/oracle/main.js [--seeds 11,12,13] [--profile quick|full] [--homes] [--only TEXT] [--write FILE]
//                                        [--keep DIR]
//
// `--homes`: each agent once, as in CI. `--only`: controls whose scenario and agent, `SCENARIO AGENT`, hold the text.
// Exit 1 when a defect was missed or a finding was false, 2 when a run stayed unknown.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadRegistry } from '../../engine/built-ins.ts';
import { openWorkspace, type Workspace } from '../../plugin/workspace.ts';
import { loadScenario } from '../../scenario/load.ts';
import { runControl } from '../run-control.ts';
import { type ControlJob, isLight, listAllJobs, listHomeJobs } from './control-jobs.ts';
import { type ControlResult, gradeControl, renderMatrix } from './matrix.ts';
import { shareCores } from './share-cores.ts';

/** Has no quick profile: its outage needs its minute. */
const FULL_ONLY = 'regressions/founding-outage';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '11,12,13' },
    profile: { type: 'string', default: 'quick' },
    homes: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    write: { type: 'string' },
    keep: { type: 'string' },
  },
});
const workspace = await openWorkspace({ configFile: null, loadRegistry });
let runs = 0;
const outDir = mkdtempSync(join(values.keep ?? tmpdir(), 'oracle-'));

const jobs = values.seeds
  .split(',')
  .flatMap((seed) => listJobs(workspace).map((job) => ({ ...job, seed: Number(seed) })));
const results = await shareCores(jobs, { isLight, run: runJob });
if (!values.keep) rmSync(outDir, { recursive: true, force: true });
report(results);

function listJobs({ catalogue, registry }: Workspace): ControlJob[] {
  const scenarios = catalogue
    .scenarios()
    .map(({ id }) => loadScenario(id, { catalogue, registry, profile: profileOf(id) }));
  const all = values.homes ? listHomeJobs(scenarios) : listAllJobs(scenarios);
  return all.filter(({ scenario, control }) => `${scenario.id} ${control.agent}`.includes(values.only));
}

function profileOf(id: string): string {
  return id === FULL_ONLY ? 'full' : values.profile;
}

/** A run that proved nothing is tried once more, as in CI. */
async function runJob(job: ControlJob & { seed: number }): Promise<ControlResult> {
  const first = await runOnce(job, 0);
  return first.doubt === null ? first : runOnce(job, 1);
}

async function runOnce(
  { scenario, control, seed }: ControlJob & { seed: number },
  attempt: number,
): Promise<ControlResult> {
  const folder = [scenario.id, control.agent, seed, attempt].join('-').replaceAll('/', '-');
  const startedMs = Date.now();
  const { judged, expected, found } = await runControl({
    workspace,
    scenario: scenario.id,
    control,
    profile: profileOf(scenario.id),
    seed,
    repeat: runs++,
    outDir: join(outDir, folder + (Object.keys(control.with).length > 0 ? '-changed' : '')),
  });
  const { verdict, reasons } = judged.result;
  const result: ControlResult = {
    scenario: scenario.id,
    agent: control.agent,
    isVariant: Object.keys(control.with).length > 0,
    expected,
    found,
    doubt: verdict === 'unknown' ? (reasons[0] ?? 'no reason given') : null,
    seed,
  };
  console.error(
    `${gradeControl(result).padEnd(8)} ${((Date.now() - startedMs) / 1e3).toFixed(0)} s  ${scenario.id}  ${control.agent}  seed ${seed}: ${found.join(', ') || verdict}${result.doubt ? ` (${reasons.join('; ')})` : ''}`,
  );
  return result;
}

function report(results: readonly ControlResult[]): void {
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  const page = renderMatrix(results, { date: new Date().toISOString().slice(0, 10), commit, profile: values.profile });
  if (values.write) writeFileSync(values.write, page);
  else console.log(page);
  const grades = results.map(gradeControl);
  if (grades.some((grade) => grade === 'missed' || grade === 'false')) process.exitCode = 1;
  else if (grades.includes('unknown')) process.exitCode = 2;
}
