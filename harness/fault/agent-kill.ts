// The agent is ended by a signal, SIGKILL by default, and started again after `restartAfter` or at heal. Evidence: its
// process exited by that signal, or after it when the signal can be handled.

import { z } from 'zod';
import { sleep } from '../core/real-clock.ts';
import { waitUntil } from '../core/wait-until.ts';
import type { EventRef, ProcessData } from '../model/event.ts';
import type { FaultDefinition, World } from '../model/parts.ts';
import { durationParam } from './params.ts';
import { isGone } from './process-state.ts';
import { eventRef } from './push-evidence.ts';
import { createUndoStore } from './undo-store.ts';

const NAME = 'agent-kill';
/** A handled signal may let the agent drain first; the run does not wait longer than this. */
const EXIT_WITHIN_MS = 5_000;

const params = z.strictObject({
  signal: z.enum(['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGABRT', 'SIGSEGV', 'SIGHUP']).default('SIGKILL'),
  restartAfter: durationParam.optional(),
});

type AgentKillParams = z.infer<typeof params>;

const undos = createUndoStore();

/** Parameters `signal` and `restartAfter` (default: at heal). */
export const agentKill: FaultDefinition<AgentKillParams> = {
  name: NAME,
  hop: 'agent',
  engines: ['process', 'docker'],
  params,
  inject: async (world, given) => {
    const pid = world.agent.pid();
    if (pid === null) return;
    world.mark('process', {
      role: 'agent',
      name: 'agent',
      pid,
      state: 'killed',
      signal: given.signal,
      expected: true,
      fault: NAME,
    });
    await world.agent.signal(given.signal);
    // Gone for the kernel, and noticed by the engine: only then can it be started again.
    await waitUntil(() => isGone(pid) && world.agent.pid() !== pid, { withinMs: EXIT_WITHIN_MS, signal: world.signal });
    const restarted = given.restartAfter === undefined ? null : restart(world, given.restartAfter);
    // Heal is where a failed restart is reported; until then it must not end the harness.
    restarted?.catch(() => undefined);
    undos.keep(world, given, () => restarted ?? world.agent.start());
  },
  heal: (world, given) => undos.undo(world, given),
  bit: async (history, { fromNs, toNs }) => {
    const refs: EventRef[] = [];
    let asked: { pid: number; signal: string } | null = null;
    for await (const event of history.control()) {
      if (event.atNs < fromNs || event.atNs > toNs || event.data?.role !== 'agent') continue;
      const data = event.data as unknown as ProcessData & { fault?: string };
      if (data.fault === NAME && data.state === 'killed') asked = { pid: data.pid, signal: String(data.signal) };
      else if (data.state === 'exited' && asked?.pid === data.pid && isBySignal(data, asked.signal))
        refs.push(eventRef(event));
    }
    return refs;
  },
};

async function restart(world: World, afterMs: number): Promise<void> {
  try {
    await sleep(afterMs, world.signal);
  } catch {
    return; // The run is being torn down.
  }
  await world.agent.start();
}

/** A program may handle the signal and exit by itself; nothing handles SIGKILL. */
function isBySignal({ signal }: ProcessData, asked: string): boolean {
  return signal === asked || (asked !== 'SIGKILL' && (signal === null || signal === undefined));
}
