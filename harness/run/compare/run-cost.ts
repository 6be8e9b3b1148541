// What an agent cost in a run, from the probes and pushes of its recorded history.

import type { Event } from '../../model/event.ts';
import type { History } from '../../model/history.ts';

/** null: nothing of the kind was observed. */
export interface RunCost {
  /** CPU time of all processes of the agent, those before a restart too. */
  cpuMs: number | null;
  memoryMaxBytes: number | null;
  /** Decoded bytes of all pushes as the sink saw them. */
  pushedBytes: number | null;
}

/** Reads the control events once. */
export async function readRunCost(history: Pick<History, 'control'>): Promise<RunCost> {
  const processes = new Map<string, { beforeMs: number; lastMs: number }>();
  const pushedAt = new Map<string, number>();
  let memoryMaxBytes: number | null = null;
  for await (const event of history.control()) {
    if (event.kind === 'push') add(pushedAt, event);
    const data = event.data ?? {};
    if (event.kind !== 'probe' || data.probe !== 'usage' || data.role !== 'agent') continue;
    const { name, cpuMs, rssBytes } = data as { name: string; cpuMs: number; rssBytes: number };
    const known = processes.get(name) ?? { beforeMs: 0, lastMs: 0 };
    // A clock that runs backwards is a new process: the agent was started again.
    if (cpuMs < known.lastMs) known.beforeMs += known.lastMs;
    known.lastMs = cpuMs;
    processes.set(name, known);
    memoryMaxBytes = Math.max(memoryMaxBytes ?? 0, rssBytes);
  }
  const times = [...processes.values()].map(({ beforeMs, lastMs }) => beforeMs + lastMs);
  return {
    cpuMs: times.length === 0 ? null : times.reduce((sum, ms) => sum + ms, 0),
    memoryMaxBytes,
    pushedBytes: pushedAt.get('sink') ?? pushedAt.get('relay') ?? null,
  };
}

function add(pushedAt: Map<string, number>, { hop, data }: Event): void {
  const bytes = data?.decodedBytes;
  if (typeof bytes === 'number') pushedAt.set(hop, (pushedAt.get(hop) ?? 0) + bytes);
}
