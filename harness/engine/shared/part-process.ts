// The harness's half of a part that runs in a process of its own (the child's half is core/part.ts): spawn, send
// the config, wait for `ready`, call commands with a bound, pass events on, stop.

import { type ChildProcess, spawn } from 'node:child_process';
import { HarnessError } from '../../core/errors.ts';

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

type FromPart =
  | { type: 'hello' }
  | { type: 'ready'; info: unknown }
  | { type: 'event'; event: object }
  | { type: 'result'; id: number; result?: unknown; error?: string };

/** Spawns a part and resolves when it is ready. Throws E_PART_START when it exits or stays silent before. */
export async function startPart(options: PartOptions): Promise<PartProcess> {
  const child = spawn(process.execPath, [options.main], {
    stdio: [...options.stdio, 'ipc'],
    env: { ...process.env, ...options.env },
    // Structured clone: Infinity, bigint and bytes pass as they are.
    serialization: 'advanced',
  });
  if (child.pid !== undefined) options.onSpawn?.(child.pid);
  const pending = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
    child.once('error', () => resolve({ code: null, signal: null }));
  });
  void exited.then(({ code, signal }) => {
    const error = new HarnessError('E_PART_GONE', `the ${options.name} process ended (${signal ?? `code ${code}`})`);
    for (const waiter of pending.values()) waiter.reject(error);
    pending.clear();
  });
  const info = await waitReady(child, options, { pending, exited });
  let calls = 0;
  const call = <T>(command: string, data: unknown = null, withinMs = 10_000): Promise<T> => {
    if (!child.connected) return Promise.reject(new HarnessError('E_PART_GONE', `the ${options.name} process is gone`));
    const id = ++calls;
    return new Promise<T>((resolve, reject) => {
      const timer = setTimeout(() => {
        pending.delete(id);
        reject(
          new HarnessError(
            'E_PART_TIMEOUT',
            `the ${options.name} process did not answer \`${command}\` within ${withinMs} ms`,
          ),
        );
      }, withinMs);
      const settle =
        <V>(then: (value: V) => void) =>
        (value: V): void => {
          clearTimeout(timer);
          then(value);
        };
      pending.set(id, { resolve: settle(resolve as (value: unknown) => void), reject: settle(reject) });
      child.send({ type: 'call', id, command, data }, () => undefined);
    });
  };
  return {
    child,
    pid: child.pid ?? 0,
    info,
    call,
    exited,
    stop: (withinMs = 2_000) => stopChild(child, { exited, withinMs }),
  };
}

async function waitReady(
  child: ChildProcess,
  options: PartOptions,
  {
    pending,
    exited,
  }: {
    pending: Map<number, { resolve(value: unknown): void; reject(error: Error): void }>;
    exited: PartProcess['exited'];
  },
): Promise<unknown> {
  const withinMs = options.readyWithinMs ?? 15_000;
  let timer: NodeJS.Timeout | undefined;
  const ready = new Promise<unknown>((resolve) => {
    child.on('message', (message: FromPart) => {
      if (message.type === 'hello') child.send({ type: 'config', config: options.config }, () => undefined);
      else if (message.type === 'ready') resolve(message.info);
      else if (message.type === 'event') options.onEvent(message.event);
      else settleCall(pending, message);
    });
  });
  const failed = exited.then(({ code, signal }) => {
    throw new HarnessError(
      'E_PART_START',
      `the ${options.name} process ended before it was ready (${signal ?? `code ${code}`}); its log is in the run folder under logs/`,
    );
  });
  failed.catch(() => undefined);
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new HarnessError('E_PART_START', `the ${options.name} process was not ready within ${withinMs} ms`)),
      withinMs,
    );
  });
  try {
    return await Promise.race([ready, failed, late]);
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

function settleCall(
  pending: Map<number, { resolve(value: unknown): void; reject(error: Error): void }>,
  message: { id: number; result?: unknown; error?: string },
): void {
  const waiter = pending.get(message.id);
  pending.delete(message.id);
  if (message.error === undefined) waiter?.resolve(message.result);
  else waiter?.reject(new HarnessError('E_PART_CALL', message.error));
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
