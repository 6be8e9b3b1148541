// Measures what a record costs larsen-agent, in records per CPU-second of its process (user + system, from /proc), from
// a unix socket in to a push out, against a naive Node agent in the same run: a machine drifts, a ratio does not.
//
//   node dist/bench/agent.bench.js [--records N] [--only chunks|records]
//
// Every record carries a sequence number that is looked for at the sink: a figure with lost records is no figure.

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { sendRecords, type WriteMode } from './agent-load.ts';
import { type RecordingSink, startSink } from './agent-sink.ts';

const TICKS_PER_SECOND = 100;
const WAIT_MS_MAX = 60_000;

interface Figure {
  perCpuSecond: number;
  cpuSeconds: number;
  wallSeconds: number;
  rssMb: number;
  lost: number;
  twice: number;
}

const { values } = parseArgs({
  options: { records: { type: 'string', default: '600000' }, only: { type: 'string' } },
});
const count = Number(values.records);
/** One write per record is bound by the sender, not by the agent: fewer records say as much. */
const SINGLE_SHARE = 0.25;
const folder = mkdtempSync(join(tmpdir(), 'larsen-bench-'));
const sink = await startSink();
try {
  for (const mode of ['chunks', 'records'] as const) {
    if (values.only !== undefined && values.only !== mode) continue;
    const records = Math.ceil(mode === 'chunks' ? count : count * SINGLE_SHARE);
    const agent = await measure(mode, records, 'larsen-agent');
    const naive = await measure(mode, Math.ceil(records / 3), 'naive');
    print(mode, 'larsen-agent', agent);
    print(mode, 'naive', naive);
    console.log(`${mode.padEnd(8)} ratio ${(agent.perCpuSecond / naive.perCpuSecond).toFixed(2)}\n`);
  }
} finally {
  sink.close();
  rmSync(folder, { recursive: true, force: true });
}

async function measure(mode: WriteMode, records: number, which: 'larsen-agent' | 'naive'): Promise<Figure> {
  const path = join(folder, `${which}-${mode}.sock`);
  const child = startAgent(which, path, sink);
  try {
    await waitUntil(() => existsSync(path));
    // The first records pay for the compiler; they are sent before the clock starts, in a run of their own.
    await send(child, path, 50_000, mode);
    sink.check(50_000);
    const before = cpuTicks(child);
    const startMs = performance.now();
    await send(child, path, records, mode);
    const cpuSeconds = (cpuTicks(child) - before) / TICKS_PER_SECOND;
    const wallSeconds = (performance.now() - startMs) / 1000;
    const rssMb = peakRssMb(child);
    return { perCpuSecond: records / cpuSeconds, cpuSeconds, wallSeconds, rssMb, ...sink.check(records) };
  } finally {
    child.kill('SIGKILL');
  }
}

function startAgent(which: 'larsen-agent' | 'naive', path: string, target: RecordingSink): ChildProcess {
  const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));
  if (which === 'naive')
    return spawn(process.execPath, [here('./agent-naive.js'), path, target.url], {
      stdio: ['ignore', 'inherit', 'inherit'],
    });
  const config = join(folder, 'agent.yaml');
  writeFileSync(
    config,
    `inputs: [{ type: forward, url: "unix://${path}" }]\noutputs: [{ type: loki, url: "${target.url}" }]\n`,
  );
  return spawn(process.execPath, [here('../agent/main.js'), '--config', config], {
    stdio: ['ignore', 'ignore', 'ignore'],
  });
}

/** Sends, and waits until the sink has been quiet for longer than a flush interval. */
async function send(child: ChildProcess, path: string, records: number, mode: WriteMode): Promise<void> {
  const pushesBefore = sink.pushes();
  await sendRecords(path, records, mode);
  let ticks = -1;
  await waitUntil(() => sink.pushes() > pushesBefore);
  for (let quiet = 0; quiet < 6; quiet++) {
    const now = sink.bytes();
    await new Promise((resolve) => setTimeout(resolve, 250));
    if (sink.bytes() !== now) quiet = 0;
  }
  ticks = cpuTicks(child);
  if (ticks < 0) throw new Error('the agent has gone');
}

function cpuTicks(child: ChildProcess): number {
  const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return Number(fields[11]) + Number(fields[12]);
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

function print(mode: string, name: string, figure: Figure): void {
  const { perCpuSecond, cpuSeconds, wallSeconds, rssMb, lost, twice } = figure;
  console.log(
    `${mode.padEnd(8)} ${name.padEnd(13)} ${Math.round(perCpuSecond / 1000)}k records/CPU-s  (${cpuSeconds.toFixed(2)} CPU-s, ${wallSeconds.toFixed(1)} s, peak RSS ${rssMb.toFixed(0)} MB, lost ${lost}, twice ${twice})`,
  );
}
