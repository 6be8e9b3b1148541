// Whether the container runtime stays alive while the agent misbehaves: the everyday commands, timed while the first
// fault at the agent holds and after it, on throw-away containers of our own behind the same log driver.
//
//   before   three victims print canaries through the agent, as an app's containers do
//   holding  ps, inspect, logs, start (same driver), start (another driver); then stop, kill and rm of a victim each,
//            and inspect of one that is being stopped
//   after    ps, start, stop of what was started meanwhile

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HostConfig } from 'dockerode';
import { nowNs, sleep } from '../../core/real-clock.ts';
import type { RuntimeProbeData } from '../../model/event.ts';
import { formatLineId } from '../../model/line-id.ts';
import type { RunContainer } from './container.ts';
import { nodeImage } from './node-image.ts';
import type { RunBed } from './run-bed.ts';
import { createRuntimeClock, type RuntimeClock } from './runtime-clock.ts';

/** A watch over the runtime. */
export interface Liveness {
  /** Load begins: from here on the plan's faults are waited for. */
  start(loadStartNs: number): void;
  /** Gives up what has not come back. */
  stop(): void;
}

type LogConfig = NonNullable<HostConfig['LogConfig']>;

/** Enough to fill the socket of an agent that does not read (167 small messages) before the commands are given. */
const LINES_PER_SECOND = 200;
const FILLING_MS = 2_500;
const HEALED_MS = 1_000;
/** The grace of the stop is over, and the runtime is at the log driver. */
const INSPECT_AFTER_MS = 2_000;
/** Above the canaries of preflight. */
const FIRST_SEQ = 1_000_000;
const LINES = 400;
const PRINT = `const fs=require("node:fs");const l=fs.readFileSync(process.argv[1],"utf8").trim().split("\\n");let n=0;
setInterval(()=>{let t="";for(let i=0;i<${LINES_PER_SECOND / 10};i++)t+=l[n++%l.length]+"\\n";fs.writeSync(1,t)},100)`;
const SLEEP = 'setInterval(()=>{},1e6)';

/** Starts the victims. */
export async function openLiveness(bed: RunBed, logConfig: LogConfig): Promise<Liveness> {
  const clock = createRuntimeClock(bed);
  const lines = writeLines(bed);
  const start = (name: string, cmd: string[], config: LogConfig, binds: string[] = []): Promise<RunContainer> =>
    startProbe(bed, { name, cmd, logConfig: config, binds });
  const victims = await Promise.all(
    ['stop', 'kill', 'rm'].map((end) => start(`victim-${end}`, ['node', '-e', PRINT, lines], logConfig, [lines])),
  );
  const ended = new AbortController();
  const signal = AbortSignal.any([ended.signal, bed.input.signal]);
  const rounds: Rounds = { bed, clock, logConfig, start, victims: victims as Rounds['victims'] };
  return {
    start: (loadStartNs) => void follow(rounds, loadStartNs, signal).catch(() => undefined),
    stop: () => {
      ended.abort();
      clock.stop();
    },
  };
}

interface Rounds {
  bed: RunBed;
  clock: RuntimeClock;
  logConfig: LogConfig;
  victims: [stop: RunContainer, kill: RunContainer, rm: RunContainer];
  start(name: string, cmd: string[], config: LogConfig): Promise<RunContainer>;
}

/** Without a fault there is one round, as after one. */
async function follow(rounds: Rounds, loadStartNs: number, signal: AbortSignal): Promise<void> {
  const { plan, registry } = rounds.bed.input;
  const fault = plan.scenario.faults.find(({ fault: name }) => registry.faults.get(name)?.hop === 'agent');
  const until = (ms: number): Promise<unknown> => sleep(Math.max(0, ms - (nowNs() - loadStartNs) / 1e6), signal);
  await until((fault?.atMs ?? 0) + FILLING_MS);
  const when = fault ? 'holding' : 'after';
  await lookRound(rounds, when);
  void endVictims(rounds, when);
  if (!fault || fault.forMs === null) return;
  await until(fault.atMs + fault.forMs + HEALED_MS);
  await lookRound(rounds, 'after');
}

/** What an operator does first: looks, and starts something. */
async function lookRound(rounds: Rounds, when: RuntimeProbeData['when']): Promise<void> {
  const { clock, bed, victims, logConfig, start } = rounds;
  const { docker } = bed.runtime;
  const [victim] = victims;
  await clock.time('ps', when, (abortSignal) => docker.listContainers({ abortSignal }));
  const started: RunContainer[] = [];
  const startOne = (command: string, config: LogConfig): Promise<void> =>
    clock.time(
      command,
      when,
      async () => void started.push(await start(`${command}-${when}`, ['node', '-e', SLEEP], config)),
    );
  await Promise.all([
    clock.time('inspect', when, (abortSignal) => victim.handle.inspect({ abortSignal })),
    clock.time('logs', when, (abortSignal) => victim.handle.logs({ stdout: true, tail: 10, abortSignal })),
    startOne('start', logConfig),
    startOne('start-other', { Type: 'json-file', Config: {} }),
  ]);
  // One that printed nothing has nothing to wait for.
  await Promise.all(
    started.map((container) =>
      clock.time('stop-idle', when, (abortSignal) => container.handle.stop({ t: 0, abortSignal })),
    ),
  );
}

/** `inspect` of a container that is being stopped waits for the same lock. */
async function endVictims({ clock, victims: [stop, kill, rm] }: Rounds, when: RuntimeProbeData['when']): Promise<void> {
  const stopping = clock.time('stop', when, (abortSignal) => stop.handle.stop({ t: 1, abortSignal }));
  const killing = clock.time('kill', when, async (abortSignal) => {
    await kill.handle.kill({ abortSignal });
    await kill.handle.wait({ abortSignal });
  });
  const removing = clock.time('rm', when, (abortSignal) => rm.handle.remove({ force: true, v: true, abortSignal }));
  await sleep(INSPECT_AFTER_MS);
  await Promise.all([
    clock.time('inspect', when, (abortSignal) => stop.handle.inspect({ abortSignal })),
    stopping,
    killing,
    removing,
  ]);
}

/** Canaries: known as lines of an app, and judged by nobody. */
function writeLines(bed: RunBed): string {
  const { runName: run, scenario } = bed.input.plan;
  const app = Object.keys(scenario.topology.apps)[0]!;
  const file = join(bed.space.tempDir, 'victims.lines');
  const lines = Array.from({ length: LINES }, (_, index) =>
    formatLineId({ run, app, seq: FIRST_SEQ + index, canary: true, bytes: 0, crc: 0 }),
  );
  writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o644 });
  return file;
}

async function startProbe(
  bed: RunBed,
  { name, cmd, logConfig, binds }: { name: string; cmd: string[]; logConfig: LogConfig; binds: string[] },
): Promise<RunContainer> {
  const container = await bed.create(`probe-${name}`, 'probe', {
    Image: await nodeImage(bed),
    Cmd: cmd,
    HostConfig: {
      Binds: binds.map((file) => `${file}:${file}:ro`),
      NetworkMode: 'none',
      LogConfig: logConfig,
    },
  });
  await container.start();
  return container;
}
