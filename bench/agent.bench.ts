// Measures what a record costs larsen-agent, in records per CPU-second of its process (user + system, of all its threads), from
// a unix socket in to a push out, beside other agents in the same call: a machine drifts, a ratio does not.
//
//   node dist/bench/agent.bench.js [--records N] [--only ROW,…] [--peer fluent-bit=PATH] [--peer otelcol=PATH] [--save] [--profile]
//
// Every record carries a sequence number that is looked for at the sink: a figure with lost records is no figure. `--save`
// writes bench/agent.baseline.json, against which later calls print their ratio. `--profile` samples larsen-agent, keeps
// agent-MODE-FEATURE.cpuprofile in the working directory, and prints where the time goes; its figures are then no figures.
// The rows `start` and `idle` are medians of ten starts.

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { sendRecords, type WriteMode } from './agent-load.ts';
import { type Feature, PEERS } from './agent-peers.ts';
import { finishProfile, profileArguments } from './agent-profile.ts';
import { startSink } from './agent-sink.ts';
import { measureStarts } from './agent-start.ts';

const WAIT_MS_MAX = 60_000;
const WARM_UP = 50_000;
/** Milliseconds and megabytes that are promised. */
const START_MS = 150;
const IDLE_MB = 60;

interface Row {
  mode: WriteMode;
  feature: Feature;
  /** Share of `--records`: where the sender is the bound, fewer say as much. */
  share: number;
  /** Records per CPU-second that are promised. */
  required: number;
}

const ROWS: Readonly<Record<string, Row>> = {
  memory: { mode: 'chunks', feature: 'none', share: 1, required: 700_000 },
  disk: { mode: 'chunks', feature: 'disk', share: 1, required: 500_000 },
  'json-label': { mode: 'chunks', feature: 'json-label', share: 0.5, required: 300_000 },
  scrub: { mode: 'chunks', feature: 'scrub', share: 0.5, required: 250_000 },
  records: { mode: 'records', feature: 'none', share: 0.5, required: 350_000 },
  paced: { mode: 'paced', feature: 'none', share: 0.1, required: 1e6 / 4.5 },
  crowd: { mode: 'crowd', feature: 'none', share: 1, required: 525_000 },
};

interface Figure {
  perCpuSecond: number;
  cpuSeconds: number;
  wallSeconds: number;
  rssMb: number;
  lost: number;
  twice: number;
}

const { values } = parseArgs({
  options: {
    records: { type: 'string', default: '600000' },
    only: { type: 'string' },
    peer: { type: 'string', multiple: true, default: [] },
    save: { type: 'boolean', default: false },
    profile: { type: 'boolean', default: false },
  },
});
const baselineFile = fileURLToPath(new URL('../../bench/agent.baseline.json', import.meta.url));
const baseline: Record<string, number> = existsSync(baselineFile) ? JSON.parse(readFileSync(baselineFile, 'utf8')) : {};
const binaries = new Map(values.peer.map((text) => text.split('=') as [string, string]));
const folder = mkdtempSync(join(tmpdir(), 'larsen-bench-'));
const sink = await startSink();
const measured: Record<string, number> = {};
try {
  for (const [name, row] of Object.entries(ROWS)) {
    if (isAsked(name)) await measureRow(name, row);
  }
  if (isAsked('start') || isAsked('idle')) await measureStartRows();
  if (values.save) writeFileSync(baselineFile, `${JSON.stringify({ ...baseline, ...measured }, null, 2)}\n`);
} finally {
  sink.close();
  rmSync(folder, { recursive: true, force: true });
}

function isAsked(row: string): boolean {
  return values.only === undefined || values.only.split(',').includes(row);
}

async function measureStartRows(): Promise<void> {
  for (const agent of ['larsen-agent', ...binaries.keys()]) {
    const binary = binaries.get(agent);
    const figure = await measureStarts(agent, { folder, sinkUrl: sink.url, feature: 'none', binary });
    if (figure === undefined) continue;
    printStart(agent, 'start', { value: figure.startMs, most: START_MS, unit: 'ms until the socket answers' });
    printStart(agent, 'idle', { value: figure.idleMb, most: IDLE_MB, unit: 'MB of memory with nothing to do' });
  }
}

function printStart(agent: string, row: string, figure: { value: number; most: number; unit: string }): void {
  const { value, most, unit } = figure;
  const isOwn = agent === 'larsen-agent';
  const before = isOwn ? baseline[row] : undefined;
  const drift = before === undefined ? '' : `, ${(value / before).toFixed(2)} of the baseline`;
  const share = isOwn ? `, ${(value / most).toFixed(2)} of what is allowed` : '';
  if (isOwn) measured[row] = Math.round(value);
  console.log(`${row.padEnd(10)} ${agent.padEnd(13)} ${value.toFixed(0)} ${unit}${share}${drift}`);
}

async function measureRow(name: string, row: Row): Promise<void> {
  const records = Math.ceil(Number(values.records) * row.share);
  let own: Figure | undefined;
  for (const agent of ['larsen-agent', 'naive', ...binaries.keys()]) {
    if (agent === 'naive' && row.mode !== 'chunks') continue;
    const figure = await measure(agent, row, agent === 'naive' ? Math.ceil(records / 3) : records).catch((error) => {
      // A peer is what somebody else has built: that it lacks something is no reason to measure nothing.
      if (agent === 'larsen-agent') throw error;
      console.log(`${name.padEnd(10)} ${agent.padEnd(13)} no figure: ${(error as Error).message}`);
      return undefined;
    });
    if (figure === undefined) continue;
    print(name, agent, figure);
    if (own === undefined) own = figure;
    else
      console.log(
        `${name.padEnd(10)} larsen-agent to ${agent}: ${(own.perCpuSecond / figure.perCpuSecond).toFixed(2)}`,
      );
  }
  if (own === undefined) return;
  measured[name] = Math.round(own.perCpuSecond);
  const before = baseline[name];
  const drift = before === undefined ? '' : `, ${(own.perCpuSecond / before).toFixed(2)} of the baseline`;
  const micros = (1e6 / own.perCpuSecond).toFixed(2);
  console.log(
    `${name.padEnd(10)} ${micros} µs a record, ${(own.perCpuSecond / row.required).toFixed(2)} of what is required${drift}\n`,
  );
}

async function measure(agent: string, row: Row, records: number): Promise<Figure | undefined> {
  const path = join(folder, `${agent}-${row.mode}-${row.feature}.sock`);
  const own = mkdtempSync(join(folder, 'agent-'));
  const binary = binaries.get(agent);
  const start = PEERS[agent]?.({ folder: own, path, sinkUrl: sink.url, feature: row.feature, binary });
  if (start === undefined) return undefined;
  const isProfiled = values.profile && agent === 'larsen-agent';
  const args = isProfiled ? [...profileArguments(own), ...start.args] : start.args;
  const child = spawn(start.command, args, { stdio: ['ignore', 'ignore', 'ignore'] });
  try {
    await waitUntil(() => existsSync(path) || child.exitCode !== null);
    if (child.exitCode !== null) throw new Error(`it ends with ${child.exitCode}: is all in it that its config needs?`);
    // The first records pay for the compiler; they are sent before the clock starts, in a run of their own.
    await send(path, WARM_UP, row.mode === 'paced' ? 'records' : row.mode);
    sink.check(WARM_UP);
    const before = cpuSecondsOf(child);
    const startMs = performance.now();
    await send(path, records, row.mode);
    const cpuSeconds = cpuSecondsOf(child) - before;
    const wallSeconds = (performance.now() - startMs) / 1000;
    const rssMb = peakRssMb(child);
    if (isProfiled)
      for (const line of await finishProfile(child, own, `agent-${row.mode}-${row.feature}.cpuprofile`))
        console.log(line);
    return { perCpuSecond: records / cpuSeconds, cpuSeconds, wallSeconds, rssMb, ...sink.check(records) };
  } finally {
    child.kill('SIGKILL');
  }
}

/** Sends, and waits until the sink has been quiet for longer than a flush interval. */
async function send(path: string, records: number, mode: WriteMode): Promise<void> {
  const pushesBefore = sink.pushes();
  await sendRecords(path, records, mode);
  await waitUntil(() => sink.pushes() > pushesBefore);
  for (let quiet = 0; quiet < 6; quiet++) {
    const now = sink.bytes();
    await new Promise((resolve) => setTimeout(resolve, 250));
    if (sink.bytes() !== now) quiet = 0;
  }
}

/** CPU of all threads, exact: the ticks of /proc/PID/stat are samples, and a load of bursts every 10 ms is in step with them. */
function cpuSecondsOf(child: ChildProcess): number {
  const tasks = `/proc/${child.pid}/task`;
  const spent = readdirSync(tasks).map((id) => Number(readFileSync(`${tasks}/${id}/schedstat`, 'utf8').split(' ')[0]));
  return spent.reduce((sum, ns) => sum + ns, 0) / 1e9;
}

function peakRssMb(child: ChildProcess): number {
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) / 1024;
}

async function waitUntil(isDone: () => boolean): Promise<void> {
  const untilMs = performance.now() + WAIT_MS_MAX;
  while (!isDone()) {
    if (performance.now() > untilMs) throw new Error('nothing happened for a minute');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function print(row: string, name: string, figure: Figure): void {
  const { perCpuSecond, cpuSeconds, wallSeconds, rssMb, lost, twice } = figure;
  console.log(
    `${row.padEnd(10)} ${name.padEnd(13)} ${Math.round(perCpuSecond / 1000)}k records/CPU-s  (${cpuSeconds.toFixed(2)} CPU-s, ${wallSeconds.toFixed(1)} s, peak RSS ${rssMb.toFixed(0)} MB, lost ${lost}, twice ${twice})`,
  );
}
