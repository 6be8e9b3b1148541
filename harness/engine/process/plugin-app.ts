// An app of a plugin (`defineApp`): any program, in a process group of its own. Lines apps are told on fd 3 what is due,
// http apps listen where LARSEN_HTTP_URL says.

import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { feedLines } from '../../app/line-feeder.ts';
import { HarnessError } from '../../core/errors.ts';
import { sleep } from '../../core/real-clock.ts';
import { readPlan } from '../../load/plan.ts';
import type { EngineInput } from '../../model/engine.ts';
import type { AppSpec } from '../../model/scenario.ts';
import { accepts } from '../shared/accepts.ts';
import { getGuard } from '../shared/guard.ts';
import { stopChild } from '../shared/part-process.ts';
import type { RunSpace } from '../shared/run-space.ts';
import { type AppProcess, type AppStart, appHandle } from './app-process.ts';

/** Starts a plugin's app. Throws E_PLUGIN_APP when it cannot be started or does not listen. */
export async function startPluginApp(
  input: EngineInput,
  space: RunSpace,
  { spec, output, port }: AppStart,
): Promise<AppProcess> {
  const { plan, registry } = input;
  const definition = registry.apps.get(spec.type)!;
  const url = definition.kind === 'http' ? `http://127.0.0.1:${port}` : null;
  const [program = '', ...args] = definition.command;
  const child = spawn(program, args, {
    stdio: ['ignore', output.stdout, output.stderr, definition.kind === 'lines' ? 'pipe' : 'ignore'],
    env: {
      ...process.env,
      LARSEN_APP: spec.name,
      LARSEN_SEED: String(plan.seed),
      ...(url ? { LARSEN_HTTP_URL: url } : {}),
    },
    detached: true,
  });
  const exited = new Promise<void>((resolve) => {
    child.once('exit', (code, signal) => {
      space.record({
        kind: 'process',
        hop: 'app',
        app: spec.name,
        data: { role: 'app', name: spec.name, pid: child.pid ?? 0, state: 'exited', code, signal },
      });
      resolve();
    });
    child.once('error', () => resolve());
  });
  await spawned(child, spec);
  getGuard().watch(child.pid ?? 0, { group: true });
  space.measure({
    role: 'app',
    name: spec.name,
    pid: () => (child.exitCode === null && child.signalCode === null ? (child.pid ?? null) : null),
  });
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
      void feedLines({
        plan: planned,
        run: plan.runName,
        app: spec.name,
        loadStartNs,
        out: child.stdio[3] as Writable,
        signal: feeding.signal,
      });
    },
    stop,
  };
}

async function spawned(child: ChildProcess, spec: AppSpec): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (cause) =>
      reject(
        new HarnessError(
          'E_PLUGIN_APP',
          `App ${spec.name} (${spec.type}) could not be started: \`${child.spawnargs.join(' ')}\``,
          { cause },
        ),
      ),
    );
  });
}

async function waitListening(url: string, spec: AppSpec): Promise<void> {
  const address = url.replace('http://', 'tcp://');
  for (let attempt = 0; attempt < 200; attempt++) {
    if (await accepts(address)) return;
    await sleep(50);
  }
  throw new HarnessError(
    'E_PLUGIN_APP',
    `App ${spec.name} (${spec.type}) did not listen on ${url} (LARSEN_HTTP_URL) within 10 s`,
  );
}
