// What an agent cost in a run: CPU and memory as the result tells them, pushed bytes from the recorded history.

import type { History } from '../../model/history.ts';
import type { RunResult } from '../../model/run.ts';

/** null: nothing of the kind was observed. */
export interface RunCost {
  /** CPU time of all processes of the agent from the start of load until drained, those before a restart too. */
  cpuMs: number | null;
  /** Largest resident memory of a process of the agent in that time. */
  memoryMaxBytes: number | null;
  /** Decoded bytes of all pushes as the sink saw them. */
  pushedBytes: number | null;
}

/** The cost of a run; reads the control events once, for the pushes. */
export async function readRunCost(
  { costs = [] }: Pick<RunResult, 'costs'>,
  history: Pick<History, 'control'>,
): Promise<RunCost> {
  const agent = costs.filter(({ role }) => role === 'agent');
  return {
    cpuMs: agent.length === 0 ? null : agent.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
    memoryMaxBytes: agent.length === 0 ? null : Math.max(...agent.map(({ memoryMaxBytes }) => memoryMaxBytes)),
    pushedBytes: await readPushedBytes(history),
  };
}

/** Where two hops record pushes, the one next to the sink tells what the sink saw. */
async function readPushedBytes(history: Pick<History, 'control'>): Promise<number | null> {
  const pushedAt = new Map<string, number>();
  for await (const { kind, hop, data } of history.control()) {
    const bytes = data?.decodedBytes;
    if (kind === 'push' && typeof bytes === 'number') pushedAt.set(hop, (pushedAt.get(hop) ?? 0) + bytes);
  }
  return pushedAt.get('sink') ?? pushedAt.get('relay') ?? null;
}
