// The agent gets only a share of the CPU: its process group is stopped and continued in turn, ten times a second, so
// that it runs for `cpuShare` of the time (of one core at most, as everything stops together). Evidence: stops that
// the kernel confirmed, and a measured share of time not above what was asked for. A container is given a CPU limit
// instead; evidence then: periods in which the kernel held it back. An agent that never wanted more gives none.

import { z } from 'zod';
import type { EventRef } from '../model/event.ts';
import type { CpuLimitFacts, FaultDefinition } from '../model/parts.ts';
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
  engines: ['process', 'docker'],
  params,
  inject: async (world, given) => {
    const lift = await world.agent.limitCpu?.(given.cpuShare);
    if (lift)
      return undos.keep(
        world,
        given,
        async () => void world.mark('cpu-limit', { fault: NAME, cpuShare: given.cpuShare, ...(await lift()) }),
      );
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
      const { data, atNs } = event;
      if (data?.fault !== NAME || atNs < fromNs || atNs > toNs) continue;
      const isThrottled = data.mark === 'cpu-limit' && (data as unknown as CpuLimitFacts).throttledPeriods > 0;
      const isHeld = data.mark === 'duty-cycle' && isProof(data as unknown as DutyFacts & AgentSlowParams);
      if (isThrottled || isHeld) refs.push(eventRef(event));
    }
    return refs;
  },
};

function isProof({ cpuShare, confirmedStops, ranShare }: DutyFacts & AgentSlowParams): boolean {
  return confirmedStops > 0 && ranShare <= cpuShare + SHARE_TOLERANCE;
}
