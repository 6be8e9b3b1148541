// The hop that is to blame for what happened between the driver and the sink: the agent, unless a relay behind it may
// have done it.

import type { HopRange } from '../model/event.ts';
import type { RunFacts } from '../model/run.ts';

/** `agent`, or `agent..relay` where a relay stands between agent and sink. */
export function agentHop({ plan }: RunFacts): HopRange {
  return plan.scenario.topology.relays.some(({ at }) => at !== 'driver..agent') ? 'agent..relay' : 'agent';
}
