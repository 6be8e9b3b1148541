// The apps of a run and their way into the driver: for each app a named pipe as stdout (and stderr), a logger that
// reads it, and the process that writes. A route exists before its app, so that preflight can send canaries down it.

import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { feedLines } from '../../app/line-feeder.ts';
import type { AppPartConfig } from '../../app/part.ts';
import { builtInApps } from '../built-in-apps.ts';
import { HarnessError } from '../../core/errors.ts';
import { readPlan } from '../../load/plan.ts';
import { sleep } from '../../core/real-clock.ts';
import type { EngineInput } from '../../model/engine.ts';
import type { EmittedEvent } from '../../model/event.ts';
import type { World } from '../../model/parts.ts';
import type { AppSpec } from '../../model/scenario.ts';
import { accepts } from './agent-process.ts';
import { createFifos, openWriteEnd } from './fifo.ts';
import { createFileTail, type FileTail } from './file-tail.ts';
import { getGuard } from './guard.ts';
import { type PartProcess, stopChild } from './part-process.ts';
import type { RunSpace } from './run-space.ts';

/** One container's output route. */
export interface Route {
  name: string;
  stdout: string;
  stderr: string;
  containerId: string;
  containerName: string;
  tag: string;
}

/** A running app. */
export interface AppProcess {
  spec: AppSpec;
  url: string | null;
  handle: World['apps'][string];
  startLoad(loadStartNs: number): Promise<void>;
  /** Ends it: told to stop, then SIGTERM, then SIGKILL. Bounded. */
  stop(): Promise<void>;
}

/** Makes the pipes of a container. */
export function createRoute(space: RunSpace, { name, type, run }: { name: string; type: string; run: string }): Route {
  const base = join(space.tempDir, name);
  const route: Route = {
    name,
    stdout: `${base}.out`,
    stderr: `${base}.err`,
    containerId: createHash('sha256').update(`${run}/${name}`).digest('hex'),
    containerName: `${name.replace('@', '')}-${run}`,
    tag: name === '@agent' ? `agents.${type}` : `${name}.${type}`,
  };
  createFifos([route.stdout, route.stderr]);
  return route;
}

/** The write ends of a route, held open so that the logger sees no end of file while a process restarts. */
export function openRoute(route: Route): { stdout: number; stderr: number; close(): void } {
  const stdout = openWriteEnd(route.stdout);
  const stderr = openWriteEnd(route.stderr);
  return {
    stdout,
    stderr,
    close: () => {
      closeSync(stdout);
      closeSync(stderr);
    },
  };
}

/** Writes canary lines into a route. They fit the empty 64 KiB pipe, so this never waits for the driver. */
export function writeCanaries(descriptor: number, lines: Buffer[]): void {
  for (const line of lines) writeSync(descriptor, Buffer.concat([line, Buffer.from('\n')]));
}

/** Starts an app, built in or a plugin's, with the route's pipes as its output. */
export function startApp(input: EngineInput, space: RunSpace, options: AppStart): Promise<AppProcess> {
  return builtInApps.has(options.spec.type) ? startBuiltIn(input, space, options) : startPlugin(input, space, options);
}

/** What an app is started with. Addresses are given out before anything starts, so that all apps can start at once. */
export interface AppStart {
  spec: AppSpec;
  output: { stdout: number; stderr: number };
  /** Port for http apps. */
  port: number;
  backend: { name: string; url: string } | null;
}

async function startBuiltIn({ plan }: EngineInput, space: RunSpace, { spec, output, port, backend }: AppStart): Promise<AppProcess> {
  const builtIn = builtInApps.get(spec.type)!;
  const eventsFile = join(space.tempDir, `${spec.name}.events.jsonl`);
  writeFileSync(eventsFile, '');
  const tail: FileTail = createFileTail(eventsFile, { everyMs: 100, onLine: (event) => void space.record(event as EmittedEvent) });
  const config: AppPartConfig = {
    app: spec,
    run: plan.runName,
    seed: plan.seed,
    linesFile: join(space.linesDir, `${spec.name}.bin`),
    eventsFile,
    shape: spec.shape,
    listenPort: builtIn.kind === 'http' ? port : null,
    backendUrl: backend?.url ?? null,
    backendApp: backend?.name ?? null,
  };
  const part = await space.startPart({ role: 'app', name: spec.name, main: builtIn.main, config, stdout: output.stdout });
  space.onDispose(() => tail.close());
  return {
    spec,
    url: (part.info as { url?: string } | null)?.url ?? null,
    handle: appHandle(part.child, () => stopBuiltIn(part)),
    startLoad: async (loadStartNs) => void (await part.call('load-start', { loadStartNs })),
    stop: async () => {
      await stopBuiltIn(part);
      tail.poll();
    },
  };
}

const STOP_WITHIN_MS = 1_500;

async function stopBuiltIn(part: PartProcess): Promise<void> {
  try {
    await part.call('stop', { withinMs: STOP_WITHIN_MS }, STOP_WITHIN_MS + 500);
  } catch {
    // Blocked in write(2) for good: what it wrote was published, SIGKILL is what its container would get.
    part.child.kill('SIGKILL');
  }
  await part.stop(1_000);
}

async function startPlugin(input: EngineInput, space: RunSpace, { spec, output, port }: AppStart): Promise<AppProcess> {
  const { plan, registry } = input;
  const definition = registry.apps.get(spec.type)!;
  const url = definition.kind === 'http' ? `http://127.0.0.1:${port}` : null;
  const [program = '', ...args] = definition.command;
  const child = spawn(program, args, {
    stdio: ['ignore', output.stdout, output.stderr, definition.kind === 'lines' ? 'pipe' : 'ignore'],
    env: { ...process.env, LARSEN_APP: spec.name, LARSEN_SEED: String(plan.seed), ...(url ? { LARSEN_HTTP_URL: url } : {}) },
    detached: true,
  });
  const exited = new Promise<void>((resolve) => {
    child.once('exit', (code, signal) => {
      space.record({ kind: 'process', hop: 'app', app: spec.name, data: { role: 'app', name: spec.name, pid: child.pid ?? 0, state: 'exited', code, signal } });
      resolve();
    });
    child.once('error', () => resolve());
  });
  await spawned(child, spec);
  getGuard().watch(child.pid ?? 0, { group: true });
  space.measure({ role: 'app', name: spec.name, pid: () => (child.exitCode === null && child.signalCode === null ? (child.pid ?? null) : null) });
  const stop = async (): Promise<void> => {
    feeding.abort();
    await stopChild(child, { exited, withinMs: 2_000 });
    getGuard().forget(child.pid ?? 0);
  };
  const feeding = new AbortController();
  space.onDispose(stop);
  if (url) await waitListening(url, spec);
  return {
    spec,
    url,
    handle: appHandle(child, stop),
    startLoad: async (loadStartNs) => {
      if (definition.kind !== 'lines') return;
      const planned = readPlan(join(space.linesDir, `${spec.name}.bin`));
      void feedLines({ plan: planned, run: plan.runName, app: spec.name, loadStartNs, out: child.stdio[3] as Writable, signal: feeding.signal });
    },
    stop,
  };
}

async function spawned(child: ChildProcess, spec: AppSpec): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (cause) => reject(new HarnessError('E_PLUGIN_APP', `App ${spec.name} (${spec.type}) could not be started: \`${child.spawnargs.join(' ')}\``, { cause })));
  });
}

async function waitListening(url: string, spec: AppSpec): Promise<void> {
  const address = url.replace('http://', 'tcp://');
  for (let attempt = 0; attempt < 200; attempt++) {
    if (await accepts(address)) return;
    await sleep(50);
  }
  throw new HarnessError('E_PLUGIN_APP', `App ${spec.name} (${spec.type}) did not listen on ${url} (LARSEN_HTTP_URL) within 10 s`);
}

function appHandle(child: ChildProcess, stop: () => Promise<void>): World['apps'][string] {
  return {
    pid: () => (child.exitCode === null && child.signalCode === null ? (child.pid ?? null) : null),
    signal: async (name) => void child.kill(name),
    stop,
    start: async () => {
      throw new HarnessError('E_ENGINE_FAULT', 'The process engine does not start an app again: its plan would be written twice');
    },
  };
}

/** A descriptor for what is thrown away. */
export function openNull(): number {
  return openSync('/dev/null', 'w');
}
