// Injects each fault at its instant and heals it at its end, by the plan and not by when the last one returned.
// That a fault was asked for is recorded here; that it bit is found in the history when the run is judged.

import { describeError } from '../core/errors.ts';
import { nowNs, sleep } from '../core/real-clock.ts';
import type { PartRegistry } from '../model/engine.ts';
import type { EmittedEvent, EventRef, Hop } from '../model/event.ts';
import type { FaultDefinition, World } from '../model/parts.ts';
import type { PlannedFault } from '../model/scenario.ts';

/** A timeline under way. */
export interface FaultTimeline {
  /** Names of the faults that are injected now. */
  active(): string[];
  /** Resolves when every fault with an end of its own has been healed. */
  done: Promise<void>;
  /** Ends what is still injected: load has ended or the run stops. */
  healAll(): Promise<void>;
}

/** Starts the timeline; times count from `loadStartNs`. */
export function startFaultTimeline(options: {
  faults: PlannedFault[];
  registry: PartRegistry;
  world: World;
  loadStartNs: number;
  record(event: EmittedEvent): EventRef;
  signal: AbortSignal;
}): FaultTimeline {
  const open = new Map<number, () => Promise<void>>();
  const names = new Map<number, string>();

  const run = async (planned: PlannedFault, index: number): Promise<void> => {
    const definition = options.registry.faults.get(planned.fault)!;
    // Parsed already when the scenario was read; run.json holds them parsed.
    const { params } = planned;
    const data = { fault: planned.fault, index, params: planned.params };
    const hop = definition.hop as Hop;
    await sleep(Math.max(0, planned.atMs - (nowNs() - options.loadStartNs) / 1e6), options.signal);
    options.record({ kind: 'fault-injected', hop, data });
    names.set(index, planned.fault);
    open.set(index, () => healOnce(definition, params, data));
    await guarded(() => definition.inject(options.world, params), { ...data, doing: 'inject' });
    if (planned.forMs === null) return;
    await sleep(Math.max(0, planned.atMs + planned.forMs - (nowNs() - options.loadStartNs) / 1e6), options.signal);
    await open.get(index)?.();
  };

  const healOnce = async (
    definition: FaultDefinition,
    params: unknown,
    data: { fault: string; index: number },
  ): Promise<void> => {
    if (!open.delete(data.index)) return;
    await guarded(() => definition.heal(options.world, params), { ...data, doing: 'heal' });
    names.delete(data.index);
    options.record({ kind: 'fault-healed', hop: definition.hop as Hop, data });
  };

  /** A fault that cannot be injected is a doubt about the run, not an end of it. */
  const guarded = async (act: () => Promise<void> | void, data: object): Promise<void> => {
    try {
      await act();
    } catch (error) {
      options.record({
        kind: 'harness',
        hop: 'agent',
        data: { ...data, problem: 'fault-failed', error: describeError(error) },
      });
    }
  };

  return {
    active: () => [...names.values()],
    done: Promise.all(options.faults.map((planned, index) => run(planned, index).catch(() => undefined))).then(
      () => undefined,
    ),
    healAll: async () => void (await Promise.all([...open.values()].map((heal) => heal()))),
  };
}
