// The agent is frozen: SIGSTOP to its whole process group, SIGCONT at heal. It keeps its sockets and reads nothing.
// Evidence: the kernel lists every process of the group as stopped.

import { z } from 'zod';
import { waitUntil } from '../core/wait-until.ts';
import type { EventRef } from '../model/event.ts';
import type { FaultDefinition, World } from '../model/parts.ts';
import { holdFrozen, releaseFrozen } from './frozen-agents.ts';
import { isStopped } from './process-state.ts';
import { eventRef } from './push-evidence.ts';

const NAME = 'agent-freeze';
const FREEZE_WITHIN_MS = 1_000;

/** Has no parameters. */
export const agentFreeze: FaultDefinition<Record<string, never>> = {
  name: NAME,
  hop: 'agent',
  engines: ['process', 'docker'],
  params: z.strictObject({}),
  inject: async (world) => {
    // Held first: a fault that only slows the agent must not continue it any more.
    holdFrozen(world);
    const pid = world.agent.pid();
    if (pid === null) return;
    await world.agent.signal('SIGSTOP');
    if (!(await isFrozen(world, pid))) return;
    world.mark('process', {
      role: 'agent',
      name: 'agent',
      pid,
      state: 'frozen',
      expected: true,
      fault: NAME,
      verified: true,
    });
  },
  heal: async (world) => {
    const isLast = releaseFrozen(world);
    const pid = world.agent.pid();
    if (pid === null || !isLast) return;
    await world.agent.signal('SIGCONT');
    world.mark('process', { role: 'agent', name: 'agent', pid, state: 'thawed', expected: true, fault: NAME });
  },
  bit: async (history, { fromNs, toNs }) => {
    const refs: EventRef[] = [];
    for await (const event of history.control()) {
      const { fault, state, verified } = event.data ?? {};
      const isProof = fault === NAME && state === 'frozen' && verified === true;
      if (isProof && event.atNs >= fromNs && event.atNs <= toNs) refs.push(eventRef(event));
    }
    return refs;
  },
};

/** By the word of the engine where it has one (a container is frozen as a whole), else by the kernel's. */
async function isFrozen({ agent, signal }: World, pid: number): Promise<boolean> {
  if (agent.isFrozen) return agent.isFrozen();
  return waitUntil(() => isStopped(pid) === true, { withinMs: FREEZE_WITHIN_MS, signal });
}
