// Runs scenarios on the process and on the docker engine and sets what came out side by side; part of
// `npm run verify:fidelity`. What was run is kept per run, so that it can be interrupted and goes on where it was.
//
//   node dist/harness/run/agreement/main.js --dir FOLDER [--write docs/fidelity.md] [--profile quick] [--only TEXT]
//                                           [--minutes N] [--image NAME=IMAGE]
//
// `--minutes`: starts no new run after so long. Exit 1 when a pair differs and harness/run/agreement/reasons.ts has no
// reason, 2 when not all pairs are there yet.

import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadRegistry } from '../../engine/built-ins.ts';
import { dockerEngine } from '../../engine/docker/docker-engine.ts';
import { openRuntime } from '../../engine/docker/runtime.ts';
import { processEngine } from '../../engine/process/process-engine.ts';
import { openWorkspace } from '../../plugin/workspace.ts';
import { loadAgent } from '../../scenario/load-agent.ts';
import { loadScenarios } from '../load-scenarios.ts';
import { runControl } from '../run-control.ts';
import { type AgreementJob, listAgreementJobs } from './agreement-jobs.ts';
import { describeSide, type Side } from './compare-sides.ts';
import { REASONS } from './reasons.ts';
import { findUnexplained, type Pair, renderTable } from './render-table.ts';

const SEED = 7;
const { values } = parseArgs({
  options: {
    dir: { type: 'string' },
    write: { type: 'string' },
    profile: { type: 'string', default: 'quick' },
    only: { type: 'string', default: '' },
    minutes: { type: 'string', default: '1440' },
    image: { type: 'string', multiple: true, default: [] },
  },
});
const dir = values.dir ?? 'reports/runs/agreement';
mkdirSync(dir, { recursive: true });
const until = Date.now() + Number(values.minutes) * 60_000;
const images = Object.fromEntries(values.image.map((pair) => pair.split('=') as [string, string]));
const workspace = await openWorkspace({ configFile: null, loadRegistry });
const { catalogue, registry } = workspace;
const { version, generation } = await openRuntime();
const jobs = listAgreementJobs(loadScenarios({ catalogue, registry, profile: values.profile }), {
  registry,
  generation,
  loadAgent: (name) => loadAgent(name, { catalogue }),
});
const able = jobs.filter(({ lacks }) => lacks.length === 0);
for (const job of able) for (const engine of ['process', 'docker'] as const) await runOnce(job, engine);
report();

function fileOf({ scenario, control }: AgreementJob, engine: string): string {
  const changed = Object.keys(control.with).length > 0 ? ['changed'] : [];
  return join(dir, `${[scenario.id, control.agent, ...changed, engine].join('-').replaceAll('/', '-')}.json`);
}

/** Runs it unless it was run, at most twice where it proved nothing. */
async function runOnce(job: AgreementJob, engine: 'process' | 'docker'): Promise<void> {
  const { scenario, profile, control } = job;
  const file = fileOf(job, engine);
  if (existsSync(file) || !`${scenario.id} ${control.agent}`.includes(values.only)) return;
  let side: Side | null = null;
  for (let attempt = 0; attempt < 2 && (side === null || side.verdict === 'unknown'); attempt++) {
    if (Date.now() > until) return;
    const outDir = `${file.replace(/\.json$/, '')}-${attempt}`;
    // What an interrupted call left.
    rmSync(outDir, { recursive: true, force: true });
    const { judged } = await runControl({
      ...{ workspace, scenario: scenario.id, control, profile, seed: SEED, repeat: attempt, images },
      engine: engine === 'docker' ? dockerEngine : processEngine,
      outDir,
    });
    side = describeSide(judged.result);
    console.error(
      `${engine.padEnd(8)} ${scenario.id} ${control.agent}: ${side.verdict} ${side.findings.join(', ')} ${side.doubts.join('; ')}`,
    );
  }
  writeFileSync(file, JSON.stringify(side, null, 2));
}

function report(): void {
  const pairs = able.flatMap((job): Pair[] => {
    const [one, other] = ['process', 'docker'].map((engine) => fileOf(job, engine));
    if (!existsSync(one!) || !existsSync(other!)) return [];
    const read = (file: string): Side => JSON.parse(readFileSync(file, 'utf8')) as Side;
    const { scenario, control } = job;
    const isVariant = Object.keys(control.with).length > 0;
    return [{ scenario: scenario.id, agent: control.agent, isVariant, process: read(one!), docker: read(other!) }];
  });
  const others = Object.entries(images).map(([name, image]) => `${image} in place of ${name}`);
  const head = `Profile ${values.profile}, seed ${SEED}, Docker ${version}${others.length > 0 ? `, ${others.join(', ')}` : ''}.`;
  const left = jobs
    .filter(({ lacks }) => lacks.length > 0)
    .map(({ scenario, lacks }) => `- \`${scenario.id}\` is not on both: ${lacks.join('; ')}`);
  const table = [
    renderTable(pairs, { reasons: REASONS, head }),
    ...(left.length > 0 ? ['', ...new Set(left)] : []),
  ].join('\n');
  if (values.write) putBetween(values.write, table);
  else console.log(table);
  const unexplained = findUnexplained(pairs, REASONS);
  for (const pair of unexplained) console.error(`differs without a reason: ${pair}`);
  if (unexplained.length > 0) process.exitCode = 1;
  else if (pairs.length < able.length) process.exitCode = 2;
}

/** Into the page, between the marks that it has for the table. */
function putBetween(page: string, table: string): void {
  const text = readFileSync(page, 'utf8');
  const marked = /(<!-- agreement -->\n)[\s\S]*?(<!-- end of agreement -->)/;
  writeFileSync(
    page,
    text.replace(marked, (_, begin: string, end: string) => `${begin}${table}\n${end}`),
  );
}
