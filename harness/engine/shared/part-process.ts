// The harness's half of a part that runs in a process of its own (the child's half is core/part.ts): spawn, send
// the config, wait for `ready`, call commands with a bound, pass events on, stop.

import { type ChildProcess, spawn } from 'node:child_process';
import { HarnessError } from '../../core/errors.ts';
import { createPartCalls, type FromPart, type PartCalls } from './part-calls.ts';

/** A started part. */
export interface PartProcess {
  readonly child: ChildProcess;
  readonly pid: number;
  /** What the part said when it was ready. */
  readonly info: unknown;
  /** Calls a command; rejects with E_PART_TIMEOUT after `withinMs` (default 10 s) or E_PART_GONE when the process is gone. */
  call<T = unknown>(command: string, data?: unknown, withinMs?: number): Promise<T>;
  /** Closes the channel (the part exits), waits `withinMs` (default 2 s), then SIGKILL. */
  stop(withinMs?: number): Promise<void>;
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

/** How to start a part. */
export interface PartOptions {
  name: string;
  /** Path of the program. */
  main: string;
  config: unknown;
  /** Child's stdio 0..n; the IPC channel is added behind them. */
  stdio: ('ignore' | 'pipe' | number)[];
  env?: Record<string, string>;
  onEvent(event: object): void;
  onSpawn?(pid: number): void;
  readyWithinMs?: number;
}

/** Spawns a part and resolves when it is ready. Throws E_PART_START when it exits or stays silent before. */
export async function startPart(options: PartOptions): Promise<PartProcess> {
  const child = spawn(process.execPath, [options.main], {
    stdio: [...options.stdio, 'ipc'],
    env: { ...process.env, ...options.env },
    // Structured clone: Infinity, bigint and bytes pass as they are.
    serialization: 'advanced',
  });
  if (child.pid !== undefined) options.onSpawn?.(child.pid);
  const calls = createPartCalls({
    name: options.name,
    isConnected: () => child.connected,
    send: (message) => void child.send(message, () => undefined),
  });
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
    child.once('error', () => resolve({ code: null, signal: null }));
  });
  void exited.then(({ code, signal }) => calls.fail(`ended (${signal ?? `code ${code}`})`));
  child.on('message', (message: FromPart) => calls.take(message, options));
  const info = await waitReady(child, options, { calls, exited });
  return {
    child,
    pid: child.pid ?? 0,
    info,
    call: calls.call,
    exited,
    stop: (withinMs = 2_000) => stopChild(child, { exited, withinMs }),
  };
}

async function waitReady(
  child: ChildProcess,
  options: PartOptions,
  { calls, exited }: { calls: PartCalls; exited: PartProcess['exited'] },
): Promise<unknown> {
  const failed = exited.then(({ code, signal }) => {
    throw new HarnessError(
      'E_PART_START',
      `the ${options.name} process ended before it was ready (${signal ?? `code ${code}`}); its log is in the run folder under logs/`,
    );
  });
  failed.catch(() => undefined);
  try {
    return await Promise.race([calls.ready(options.readyWithinMs), failed]);
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
}

/** Ends a child: channel closed or SIGTERM, then SIGKILL after the bound. */
export async function stopChild(
  child: ChildProcess,
  { exited, withinMs }: { exited: Promise<unknown>; withinMs: number },
): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  if (child.connected) child.disconnect();
  else child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), withinMs);
  await exited;
  clearTimeout(timer);
}
