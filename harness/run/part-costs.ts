// What each process of a run cost from the start of load until it was drained: CPU time and the most memory, from the
// probes of the recorded history. Start-up, preflight and reading back are left out.

import type { Event, PhaseData, ProbeData } from '../model/event.ts';
import type { PartCost } from '../model/run.ts';

const MEASURED_PHASES: readonly string[] = ['load', 'heal', 'drain'] satisfies PhaseData['phase'][];

type Usage = Extract<ProbeData, { probe: 'usage' }>;

/** Collects costs from control events in order. */
export interface CostMeter {
  add(event: Event): void;
  /** One row for each process that was measured at least twice, in the order in which they were first seen. */
  describe(): PartCost[];
}

/** An empty meter. */
export function createCostMeter(): CostMeter {
  const parts = new Map<string, { role: string; name: string; spentMs: number; lastMs: number; rssMaxBytes: number }>();
  let isMeasured = false;
  return {
    add: ({ kind, data }) => {
      if (kind === 'phase') isMeasured = MEASURED_PHASES.includes(String(data?.phase));
      if (kind !== 'probe' || data?.probe !== 'usage') return;
      const { role, name, cpuMs, rssBytes } = data as unknown as Usage;
      const key = `${role} ${name}`;
      const part = parts.get(key) ?? { role, name, spentMs: 0, lastMs: cpuMs, rssMaxBytes: 0 };
      parts.set(key, part);
      if (isMeasured) {
        // A clock that runs backwards is a new process: the part was started again.
        part.spentMs += cpuMs < part.lastMs ? cpuMs : cpuMs - part.lastMs;
        part.rssMaxBytes = Math.max(part.rssMaxBytes, rssBytes);
      }
      part.lastMs = cpuMs;
    },
    describe: () =>
      [...parts.values()]
        .filter(({ rssMaxBytes }) => rssMaxBytes > 0)
        .map(({ role, name, spentMs, rssMaxBytes }) => ({ role, name, cpuMs: spentMs, memoryMaxBytes: rssMaxBytes })),
  };
}
