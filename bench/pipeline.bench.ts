// Lines through the whole pipeline: one emitter, driver, larsen-agent, recording hop and embedded Loki on this machine.
// Prints lateness of the writes against their plan and the CPU of each part per line, beside a baseline measured in
// the same call: the same emitter writing to a pipe that is only drained. Ratios hold between machines, times do not.
//
//   node dist/bench/pipeline.bench.js [lines per second] [seconds]

import { spawn } from 'node:child_process';
import { createReadStream, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadRegistry } from '../harness/engine/built-ins.ts';
import { processEngine } from '../harness/engine/process/process-engine.ts';
import { createLineRecord, decodeLineRecord, LINE_KINDS, LINE_RECORD_BYTES } from '../harness/model/line-record.ts';
import type { Reporter } from '../harness/model/reporter.ts';
import { executeRun } from '../harness/run/execute-run.ts';
import { planRun } from '../harness/run/plan-run.ts';
import { createCatalogue } from '../harness/scenario/catalogue.ts';
import { parseScenario } from '../harness/scenario/load.ts';
import { loadAgent } from '../harness/scenario/load-agent.ts';

const perSecond = Number(process.argv[2] ?? 5_000);
const seconds = Number(process.argv[3] ?? 6);
const LINE_BYTES = 300;
const folder = mkdtempSync(join(tmpdir(), 'pipeline-bench-'));
const silent = Object.fromEntries(
  ['runStarted', 'phase', 'tick', 'runEnded', 'finished', 'message'].map((name) => [name, () => undefined]),
) as unknown as Reporter;

try {
  const baseline = await writeToDrainedPipe();
  const pipeline = await runPipeline();
  console.log(`${perSecond} lines/s of ${LINE_BYTES} B for ${seconds} s`);
  console.log(
    `baseline (drained pipe)   lateness p99 ${baseline.p99Ms.toFixed(1)} ms  max ${baseline.maxMs.toFixed(1)} ms`,
  );
  console.log(
    `whole pipeline            lateness p99 ${pipeline.p99Ms.toFixed(1)} ms  max ${pipeline.maxMs.toFixed(1)} ms  stored ${pipeline.stored} of ${pipeline.due}  verdict ${pipeline.verdict}`,
  );
  console.log(`ratio to baseline         p99 ${(pipeline.p99Ms / baseline.p99Ms).toFixed(1)}`);
  console.log('CPU per line:');
  const perLine = (cpuMs: number): string => `${((cpuMs * 1_000) / pipeline.due).toFixed(1)} µs`;
  for (const { role, name, cpuMs } of pipeline.costs)
    console.log(`  ${`${role} ${name}`.padEnd(22)} ${perLine(cpuMs)}`);
  const ofHarness = pipeline.costs.filter(({ role }) => role !== 'agent').reduce((sum, { cpuMs }) => sum + cpuMs, 0);
  console.log(`  ${'all but the agent'.padEnd(22)} ${perLine(ofHarness)}`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit(0);

/** The least that any writer suffers here: the same loop of due writes, one write(2) a line, to a reader that throws away. */
async function writeToDrainedPipe(): Promise<{ p99Ms: number; maxMs: number }> {
  const program = `const fs=require('fs');const n=${perSecond * seconds},period=${1_000 / perSecond};const line=Buffer.alloc(${LINE_BYTES},97);line[${LINE_BYTES - 1}]=10;
const late=new Float64Array(n);const start=performance.now()+50;let i=0;(function tick(){const now=performance.now()-start;while(i<n&&i*period<=now){fs.writeSync(1,line);late[i]=performance.now()-start-i*period;i++}
if(i<n)setTimeout(tick,1);else{late.sort();fs.writeFileSync(process.argv[1],JSON.stringify({p99Ms:late[Math.floor(n*.99)],maxMs:late[n-1]}))}})()`;
  const out = join(folder, 'baseline.json');
  const fifo = join(folder, 'fifo');
  await ended(spawn('mkfifo', [fifo]));
  const reader = createReadStream(fifo);
  reader.resume();
  await ended(
    spawn('sh', ['-c', `exec "$0" -e "$1" "$2" > "$3"`, process.execPath, program, out, fifo], { stdio: 'inherit' }),
  );
  reader.destroy();
  return JSON.parse(readFileSync(out, 'utf8')) as { p99Ms: number; maxMs: number };
}

async function runPipeline() {
  const registry = await loadRegistry([]);
  const catalogue = createCatalogue();
  const file = join(folder, 'bench.yaml');
  writeFileSync(file, '');
  const scenario = parseScenario(
    {
      title: 'Pipeline bench',
      severity: 'minor',
      topology: {
        apps: { app: { type: 'emitter' } },
        sink: {
          limits: { ratePerSecond: '100MiB', burst: '200MiB', streamRatePerSecond: '100MiB', streamBurst: '200MiB' },
        },
      },
      load: [
        { to: 'app', kind: 'lines', until: `${seconds}s`, rate: [{ at: '0s', perSecond }], sizes: [`${LINE_BYTES}B`] },
      ],
    },
    { id: 'bench', file, registry },
  );
  const outDir = join(folder, 'out');
  mkdirSync(outDir);
  const plan = planRun({
    scenario,
    agent: loadAgent('larsen-agent', { catalogue }),
    seed: 1,
    repeat: 0,
    engine: 'process',
    outDir,
  });
  const { result } = await executeRun({
    plan,
    registry,
    engine: processEngine,
    reporter: silent,
    signal: new AbortController().signal,
    only: [],
    keep: false,
  });
  return {
    ...lateness(join(plan.folder, 'lines/app.bin'), plan.folder),
    stored: result.ledger.total.storedLines,
    due: result.ledger.total.dueLines,
    verdict: result.verdict,
    costs: result.costs ?? [],
  };
}

function lateness(file: string, run: string): { p99Ms: number; maxMs: number } {
  const { loadStartNs } = JSON.parse(readFileSync(join(run, 'run.json'), 'utf8')) as { loadStartNs: number };
  const bytes = readFileSync(file);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const record = createLineRecord();
  const due = new Map<number, number>();
  const late: number[] = [];
  for (let at = 0; at + LINE_RECORD_BYTES <= bytes.length; at += LINE_RECORD_BYTES) {
    decodeLineRecord(view, at, record);
    if (record.kind === LINE_KINDS.planned) due.set(record.seq, record.value);
    else if (record.kind === LINE_KINDS.written && record.value > 0)
      late.push((record.atNs - loadStartNs) / 1e6 - due.get(record.seq)!);
  }
  late.sort((a, b) => a - b);
  return { p99Ms: late[Math.floor(late.length * 0.99)]!, maxMs: late.at(-1)! };
}

function ended(child: ReturnType<typeof spawn>): Promise<void> {
  return new Promise((resolve, reject) =>
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`exit ${code}`)))),
  );
}
