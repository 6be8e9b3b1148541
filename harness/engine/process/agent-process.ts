// The agent under test as a process group of its own: start, ready when its socket accepts a connection, freeze,
// kill, start again, and SIGTERM with a bound at the end. What it does wrong is recorded, never thrown.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { HarnessError } from '../../core/errors.ts';
import { sleep } from '../../core/real-clock.ts';
import type { EmittedEvent } from '../../model/event.ts';
import type { World } from '../../model/parts.ts';
import { accepts } from '../shared/accepts.ts';
import { getGuard } from '../shared/guard.ts';
import { processState } from '../shared/process-table.ts';

/** How the agent is started. */
export interface AgentCommand {
  name: string;
  command: string[];
  env: Record<string, string>;
  cwd: string;
  forwardUrl: string;
  readyWithinMs: number;
  drainWithinMs: number;
  /** Opens the write ends of its stdout and stderr. */
  openOutput(): { stdout: number; stderr: number; close(): void };
  record(event: EmittedEvent): void;
}

/** A startable, restartable agent. */
export interface AgentProcess {
  readonly handle: World['agent'];
  /** Starts it and waits until its socket accepts. Throws E_AGENT_START with what it printed being in the run folder. */
  start(): Promise<void>;
  /** SIGTERM, wait `drainWithin`, SIGKILL. Tells whether it ended by itself in time. */
  stop(): Promise<{ drained: boolean }>;
}

/** Prepares the agent; nothing runs before `start`. */
export function createAgentProcess(options: AgentCommand): AgentProcess {
  let child: ChildProcess | null = null;
  let expected = false;
  let frozen = false;

  const record = (state: string, extra: Record<string, unknown> = {}): void =>
    options.record({
      kind: 'process',
      hop: 'agent',
      data: { role: 'agent', name: options.name, pid: child?.pid ?? 0, state, ...extra },
    });

  const start = async (): Promise<void> => {
    if (child) return;
    expected = false;
    const started = await spawnAgent(options);
    child = started;
    getGuard().watch(started.pid ?? 0, { group: true });
    record('started');
    started.once('exit', (code, signal) => {
      record('exited', { code, signal, expected });
      getGuard().forget(started.pid ?? 0);
      killGroup(started, 'SIGKILL');
      if (child === started) child = null;
    });
    await waitAccepting(options, () => child === started);
    record('ready');
  };

  const signal = async (name: NodeJS.Signals): Promise<void> => {
    if (!child) return;
    if (name === 'SIGKILL' || name === 'SIGTERM') expected = true;
    killGroup(child, name);
    if (name === 'SIGSTOP' || name === 'SIGCONT') {
      frozen = await waitFrozen(child.pid ?? 0, name === 'SIGSTOP');
      record(frozen ? 'frozen' : 'thawed');
    }
  };

  const end = async (withinMs: number): Promise<{ drained: boolean }> => {
    const ending = child;
    if (!ending) return { drained: false };
    expected = true;
    if (frozen) killGroup(ending, 'SIGCONT');
    frozen = false;
    record('stopping');
    killGroup(ending, 'SIGTERM');
    const drained = await isGoneWithin(ending, withinMs);
    if (!drained) {
      record('killed', { expected: true });
      killGroup(ending, 'SIGKILL');
      await isGoneWithin(ending, 2_000);
    }
    return { drained };
  };

  const handle: World['agent'] = {
    pid: () => child?.pid ?? null,
    signal,
    start,
    stop: async () => void (await end(options.drainWithinMs)),
  };
  return { handle, start, stop: () => end(options.drainWithinMs) };
}

/** Waits for a child to end. No timer outlives the wait: it would keep a finished larsen from ending by itself. */
async function isGoneWithin(child: ChildProcess, withinMs: number): Promise<boolean> {
  if (child.exitCode !== null || child.signalCode !== null) return true;
  try {
    await once(child, 'exit', { signal: AbortSignal.timeout(withinMs) });
    return true;
  } catch {
    return false;
  }
}

async function spawnAgent(options: AgentCommand): Promise<ChildProcess> {
  const [program = '', ...args] = options.command;
  const output = options.openOutput();
  try {
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: options.env,
      stdio: ['ignore', output.stdout, output.stderr],
      detached: true,
    });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    return child;
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    const why =
      code === 'ENOENT'
        ? 'there is no such program (or no such working directory)'
        : code === 'EACCES'
          ? 'it is not executable'
          : String(code);
    throw new HarnessError(
      'E_AGENT_START',
      `Agent ${options.name} could not be started: \`${options.command.join(' ')}\` in ${options.cwd}: ${why}. Check \`process.command\` of the agent file`,
      { cause },
    );
  } finally {
    output.close();
  }
}

/** Polls the agent's address until a connection is accepted. */
async function waitAccepting(options: AgentCommand, isAlive: () => boolean): Promise<void> {
  const deadline = Date.now() + options.readyWithinMs;
  while (Date.now() < deadline) {
    if (!isAlive())
      throw new HarnessError(
        'E_AGENT_START',
        `Agent ${options.name} ended before it listened on ${options.forwardUrl}; what it printed is in logs/ of the run folder`,
      );
    if (await accepts(options.forwardUrl)) return;
    await sleep(50);
  }
  throw new HarnessError(
    'E_AGENT_START',
    `Agent ${options.name} did not listen on ${options.forwardUrl} within ${options.readyWithinMs} ms. It must listen where LARSEN_FORWARD_URL ({forward}) says, {forward.path} being the path alone; what it printed is in logs/ of the run folder; \`process.readyWithin\` allows more time`,
  );
}

/** The kernel stops a process a moment after the signal: waits until /proc says so (at most 1 s). */
async function waitFrozen(pid: number, wanted: boolean): Promise<boolean> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const state = processState(pid);
    if (state === null) return wanted;
    if ((state === 'T') === wanted) return wanted;
    await sleep(10);
  }
  return !wanted;
}

function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // The group is empty: it ended by itself.
  }
}
