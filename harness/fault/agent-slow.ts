// The agent gets only a share of the CPU: its process group is stopped and continued in turn, ten times a second, so
// that it runs for `cpuShare` of the time (of one core at most, as everything stops together). Evidence: stops that
// the kernel confirmed, and a measured share of time not above what was asked for.

import { z } from 'zod';
import type { EventRef } from '../model/event.ts';
import type { FaultDefinition } from '../model/parts.ts';
import { type DutyCycle, type DutyFacts, startDutyCycle } from './duty-cycle.ts';
import { isHeldFrozen } from './frozen-agents.ts';
import { eventRef } from './push-evidence.ts';
import { createUndoStore } from './undo-store.ts';

const NAME = 'agent-slow';
/** A busy machine moves single stops by some ms; a cycle lasts 100. */
const SHARE_TOLERANCE = 0.15;

const params = z.strictObject({ cpuShare: z.number().gt(0).lt(1) });

type AgentSlowParams = z.infer<typeof params>;

const undos = createUndoStore();

/** Parameter `cpuShare`: above 0, below 1. */
export const agentSlow: FaultDefinition<AgentSlowParams> = {
  name: NAME,
  hop: 'agent',
  engines: ['process'],
  params,
  inject: async (world, given) => {
    const cycle: DutyCycle = startDutyCycle({
      share: given.cpuShare,
      pid: world.agent.pid,
      isHeld: () => isHeldFrozen(world),
      signal: world.signal,
    });
    undos.keep(world, given, async () => {
      const facts = await cycle.stop();
      world.mark('duty-cycle', { fault: NAME, cpuShare: given.cpuShare, ...facts });
    });
  },
  heal: (world, given) => undos.undo(world, given),
  bit: async (history, { fromNs, toNs }) => {
    const refs: EventRef[] = [];
    for await (const event of history.control()) {
      if (event.data?.fault !== NAME || event.data.mark !== 'duty-cycle') continue;
      const inWindow = event.atNs >= fromNs && event.atNs <= toNs;
      if (inWindow && isProof(event.data as unknown as DutyFacts & AgentSlowParams)) refs.push(eventRef(event));
    }
    return refs;
  },
};

function isProof({ cpuShare, confirmedStops, ranShare }: DutyFacts & AgentSlowParams): boolean {
  return confirmedStops > 0 && ranShare <= cpuShare + SHARE_TOLERANCE;
}
