// What the agent's threads wait for, while its own output is stuck: evidence of a circular wait, on Linux.

import type { DriverLoggerState } from '../../model/event.ts';
import { threadStates } from '../shared/process-table.ts';
import type { RunSpace } from '../shared/run-space.ts';
import type { AgentProcess } from './agent-process.ts';

const THREADS_EVERY_MS = 1_000;
const STUCK_AFTER_MS = 800;

/** Watches one agent. */
export interface ThreadWatch {
  /** Takes what the driver's loggers are doing. */
  onState(loggers: DriverLoggerState[]): void;
  follow(agent: AgentProcess | null): void;
  stop(): void;
}

/** While the agent's own output is stuck, what its threads wait for is evidence of a circular wait (Linux only). */
export function watchAgentThreads(space: RunSpace): ThreadWatch {
  let agent: AgentProcess | null = null;
  let lastMs = 0;
  return {
    follow: (followed) => {
      agent = followed;
    },
    stop: () => {
      agent = null;
    },
    onState(loggers) {
      const own = loggers.find(({ app }) => app === '@agent');
      const pid = agent?.handle.pid();
      if (!own || !pid || own.blockedMs < STUCK_AFTER_MS || performance.now() - lastMs < THREADS_EVERY_MS) return;
      lastMs = performance.now();
      space.record({ kind: 'probe', hop: 'agent', data: { probe: 'agent-threads', threads: threadStates(pid) } });
    },
  };
}
