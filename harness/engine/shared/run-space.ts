// The place of one run: its folders, and every process that belongs to it. Starting a part through the space makes
// it watched, measured and ended; disposing the space ends all of them in reverse order and removes what is temporary.

import { closeSync, cpSync, existsSync, lstatSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import type { EngineInput } from '../../model/engine.ts';
import type { EmittedEvent, EventRef } from '../../model/event.ts';
import { getGuard } from './guard.ts';
import { type PartProcess, startPart } from './part-process.ts';
import { groupUsage, processUsage } from './process-table.ts';

/** How a part is started in a space; the rest is the space's business. */
export interface SpacePart {
  role: 'app' | 'driver' | 'relay' | 'sink' | 'recorder' | 'load' | 'control';
  name: string;
  main: string;
  config: unknown;
  /** Default: stdout to its log file. A descriptor becomes the part's stdout. */
  stdout?: number;
  onEvent?(event: EmittedEvent): void;
}

/** The place of one run. */
export interface RunSpace extends AsyncDisposable {
  readonly tempDir: string;
  readonly linesDir: string;
  readonly logsDir: string;
  readonly sharedDir: string;
  dataFolder(name: string): string;
  startPart(part: SpacePart): Promise<PartProcess>;
  /** A process that is measured each second, with its process group if it leads one. */
  measure(process: Measured): void;
  /** Called on disposal, last registered first. */
  onDispose(clean: () => Promise<void> | void): void;
  record(event: EmittedEvent): EventRef;
}

interface Measured {
  role: string;
  name: string;
  pid(): number | null;
  group?: boolean;
}

const USAGE_EVERY_MS = 1_000;

/** Creates the folders of a run. */
export function createRunSpace({ plan, record, keep }: Pick<EngineInput, 'plan' | 'record' | 'keep'>): RunSpace {
  const guard = getGuard();
  const tempDir = guard.createFolder(plan.runName);
  const folder = (path: string): string => {
    mkdirSync(path, { recursive: true });
    return path;
  };
  const linesDir = folder(join(plan.folder, 'lines'));
  const logsDir = folder(join(plan.folder, 'logs'));
  const sharedDir = folder(join(tempDir, 'shared'));
  const cleaners: (() => Promise<void> | void)[] = [];
  const measured: Measured[] = [{ role: 'harness', name: 'larsen', pid: () => process.pid }];
  const timer = setInterval(() => recordUsage(measured, record), USAGE_EVERY_MS);
  let ending = false;

  const start = async (part: SpacePart): Promise<PartProcess> => {
    const log = openSync(join(logsDir, `${part.role}-${part.name.replaceAll('/', '-')}.log`), 'a');
    const data = { role: part.role, name: part.name };
    const hop = hopOf(part.role);
    let pid = 0;
    try {
      const started = await startPart({
        name: `${part.role} ${part.name}`,
        main: part.main,
        config: part.config,
        stdio: ['ignore', part.stdout ?? log, log],
        onEvent: (event) => (part.onEvent ?? record)(event as EmittedEvent),
        onSpawn: (spawned) => {
          pid = spawned;
          guard.watch(spawned, { group: false });
        },
      });
      record({ kind: 'process', hop, data: { ...data, pid, state: 'ready' } });
      void started.exited.then(({ code, signal }) => {
        guard.forget(pid);
        record({ kind: 'process', hop, data: { ...data, pid, state: 'exited', code, signal, expected: ending } });
      });
      measured.push({
        ...data,
        pid: () => (started.child.exitCode === null && started.child.signalCode === null ? pid : null),
      });
      cleaners.push(() => started.stop());
      return started;
    } finally {
      closeSync(log);
    }
  };

  return {
    tempDir,
    linesDir,
    logsDir,
    sharedDir,
    dataFolder: (name) => folder(join(tempDir, 'data', name.replaceAll('/', '-'))),
    startPart: start,
    measure: (process) => void measured.push(process),
    onDispose: (clean) => void cleaners.push(clean),
    record,
    async [Symbol.asyncDispose]() {
      ending = true;
      clearInterval(timer);
      for (const clean of cleaners.reverse()) {
        try {
          await clean();
        } catch {
          // The rest must still be ended; the reaper takes what refuses.
        }
      }
      if (keep) keepFolder(tempDir, join(plan.folder, 'kept'));
      guard.removeFolder(tempDir);
    },
  };
}

function recordUsage(measured: Measured[], record: (event: EmittedEvent) => EventRef): void {
  for (const { role, name, pid, group } of measured) {
    const id = pid();
    const usage = id === null ? null : processUsage(id);
    if (id === null || !usage) continue;
    const all = group ? groupUsage(id) : {};
    record({ kind: 'probe', hop: hopOf(role), data: { probe: 'usage', role, name, ...usage, ...all } });
  }
}

function hopOf(role: string): EmittedEvent['hop'] {
  if (role === 'driver' || role === 'relay' || role === 'sink' || role === 'agent') return role;
  return role === 'recorder' ? 'sink' : 'app';
}

/** What the parts themselves left; the agent's filled-in config may hold secrets and is no part of it. */
const KEPT = ['data', 'shared'];

/** Copies what can be copied: sockets and pipes are of no use to anybody afterwards. */
function keepFolder(from: string, to: string): void {
  const filter = (path: string): boolean => lstatSync(path).isDirectory() || lstatSync(path).isFile();
  for (const name of KEPT) {
    if (existsSync(join(from, name))) cpSync(join(from, name), join(to, name), { recursive: true, filter });
  }
}
