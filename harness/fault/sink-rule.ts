// The pattern of faults that are a rule at the recording hop: inject adds the rule, heal takes it back, and the
// pushes that the rule answered are the evidence.

import type { PushData } from '../model/event.ts';
import type { FaultDefinition, Params, SinkRule } from '../model/parts.ts';
import { findFaultedPushes } from './push-evidence.ts';
import { createUndoStore } from './undo-store.ts';

/** What tells one such fault from another. */
export interface SinkRuleFault<P> {
  name: string;
  params: Params<P>;
  rule(params: P): Omit<SinkRule, 'fault'>;
  /** Whether a push recorded under the fault's name shows it. */
  proves(push: PushData): boolean;
}

/** A fault made of a rule at the hop in front of the sink. */
export function createSinkRuleFault<P>({ name, params, rule, proves }: SinkRuleFault<P>): FaultDefinition<P> {
  const undos = createUndoStore();
  return {
    name,
    hop: 'sink',
    engines: ['process', 'docker'],
    params,
    inject: async (world, given) => undos.keep(world, given, await world.sink.script({ ...rule(given), fault: name })),
    heal: (world, given) => undos.undo(world, given),
    bit: (history, window) => findFaultedPushes(history, window, { fault: name, proves }),
  };
}
