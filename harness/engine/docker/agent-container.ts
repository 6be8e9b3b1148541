// The agent under test as a container: start, ready when its socket accepts, freeze, kill, start again, SIGTERM with a
// bound at the end. It lives in the host's network, so that the addresses of the contract mean the same as in a
// process: 127.0.0.1 for the sink, for its own pages and for tcp inputs. What it does wrong is recorded, never thrown.

import { HarnessError } from '../../core/errors.ts';
import { nowNs, sleep } from '../../core/real-clock.ts';
import type { ProcessHandle } from '../../model/parts.ts';
import { accepts } from '../shared/accepts.ts';
import type { RunContainer } from './container.ts';
import { limitContainerCpu } from './cpu-limit.ts';
import type { OwnOutput } from './own-output.ts';
import type { RunBed } from './run-bed.ts';
import { exitSignal } from './signals.ts';

/** What the agent's container needs beside itself. */
export interface AgentContainerOptions {
  container: RunContainer;
  forwardUrl: string;
  output: OwnOutput;
  /** The agent listens, for the first time or again. */
  onReady(): Promise<void>;
}

/** A startable, restartable agent. */
export interface AgentContainer {
  readonly handle: ProcessHandle;
  start(): Promise<void>;
  /** SIGTERM, wait `drainWithin`, SIGKILL. */
  stop(): Promise<void>;
}

const GONE_WITHIN_MS = 5_000;

/** Prepares it; nothing runs before `start`. */
export function createAgentContainer(bed: RunBed, options: AgentContainerOptions): AgentContainer {
  const { container, forwardUrl } = options;
  const { name, process: timing } = bed.input.plan.agent;
  let expected = false;
  let frozen = false;
  const record = (state: string, extra: Record<string, unknown> = {}): void =>
    void bed.space.record({
      atNs: nowNs(),
      kind: 'process',
      hop: 'agent',
      data: { role: 'agent', name, pid: container.pid() ?? 0, state, ...extra },
    });

  const start = async (): Promise<void> => {
    if (container.pid() !== null) return;
    expected = false;
    await options.output.follow(container);
    await container.start();
    const pid = container.pid() ?? 0;
    record('started');
    void container.ended().then(async (code) => {
      const oom = await hasRunOutOfMemory(container);
      record('exited', { pid, ...exitSignal(code), expected, ...(oom && { outOfMemory: true }) });
    });
    await waitAccepting(name, { forwardUrl, withinMs: timing.readyWithinMs, isAlive: () => container.pid() !== null });
    await options.onReady();
    record('ready');
  };

  const signal = async (wanted: NodeJS.Signals): Promise<void> => {
    if (container.pid() === null) return;
    if (wanted === 'SIGSTOP' || wanted === 'SIGCONT') {
      if (wanted === 'SIGSTOP' && !frozen) await container.pause();
      else if (wanted === 'SIGCONT' && frozen) await container.unpause();
      frozen = wanted === 'SIGSTOP';
      return record(frozen ? 'frozen' : 'thawed');
    }
    if (wanted === 'SIGKILL' || wanted === 'SIGTERM') expected = true;
    await container.kill(wanted);
  };

  const stop = async (): Promise<void> => {
    if (container.pid() === null) return;
    expected = true;
    if (frozen) await container.unpause().catch(() => undefined);
    frozen = false;
    record('stopping');
    await container.kill('SIGTERM').catch(() => undefined);
    const isGone = await Promise.race([container.ended().then(() => true), sleep(timing.drainWithinMs, undefined)]);
    if (isGone === true) return;
    record('killed', { expected: true });
    await container.kill('SIGKILL').catch(() => undefined);
    await Promise.race([container.ended(), sleep(GONE_WITHIN_MS)]);
  };

  const isFrozen = async (): Promise<boolean> => (await container.inspect()).State.Paused;
  const limitCpu = (share: number): ReturnType<typeof limitContainerCpu> => limitContainerCpu(container, share);
  return { start, stop, handle: { pid: container.pid, signal, isFrozen, limitCpu, start, stop } };
}

async function hasRunOutOfMemory(container: RunContainer): Promise<boolean> {
  try {
    return (await container.inspect(2_000)).State.OOMKilled;
  } catch {
    return false;
  }
}

async function waitAccepting(
  name: string,
  { forwardUrl, withinMs, isAlive }: { forwardUrl: string; withinMs: number; isAlive(): boolean },
): Promise<void> {
  for (const startMs = performance.now(); performance.now() - startMs < withinMs; await sleep(50)) {
    if (!isAlive())
      throw new HarnessError(
        'E_AGENT_START',
        `Agent ${name} ended before it listened on ${forwardUrl}; what it printed is in logs/ of the run folder`,
      );
    if (await accepts(forwardUrl)) return;
  }
  throw new HarnessError(
    'E_AGENT_START',
    `Agent ${name} did not listen on ${forwardUrl} within ${withinMs} ms. It must listen where LARSEN_FORWARD_URL ({forward}) says; \`process.readyWithin\` allows more time`,
  );
}
