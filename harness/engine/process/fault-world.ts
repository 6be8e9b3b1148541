// What faults may do in the process engine: signals to process groups, rules at the recording hop, commands to parts.

import { HarnessError } from '../../core/errors.ts';
import { nowNs } from '../../core/real-clock.ts';
import type { EngineInput } from '../../model/engine.ts';
import type { DiskHandle, World } from '../../model/parts.ts';
import { hopToSink } from '../shared/hop-to-sink.ts';
import type { SinkChain } from '../shared/sink-chain.ts';
import type { AgentProcess } from './agent-process.ts';
import type { AppProcess } from './app-process.ts';
import type { DriverProcess } from './driver-process.ts';

/** The running parts that faults act on. */
export interface FaultTargets {
  chain: SinkChain;
  driver: DriverProcess;
  /** `disk`: of its {data} folder, in runs that need one. */
  agent: { process: AgentProcess; disk: DiskHandle | null } | null;
  /** Filled when the apps have started. */
  apps: Map<string, AppProcess>;
}

/** The world of a run as its faults see it. */
export function createFaultWorld({ record, signal }: EngineInput, targets: FaultTargets): World {
  const { chain, driver, agent, apps } = targets;
  const noAgent = async (): Promise<never> => {
    throw new HarnessError('E_ENGINE_FAULT', 'This run has no agent process (`agent: none`)');
  };
  return {
    agent: agent?.process.handle ?? { pid: () => null, signal: noAgent, stop: noAgent, start: noAgent },
    ...(agent?.disk ? { agentDisk: agent.disk } : {}),
    driver: driver.handle,
    sink: chain.sink,
    relays: chain.relays,
    get apps() {
      return Object.fromEntries([...apps].map(([name, app]) => [name, app.handle]));
    },
    hop: (from, to) => hopToSink(chain.sink, { from, to }),
    mark: (kind, data) => record({ kind: 'fault-bit', hop: 'agent', atNs: nowNs(), data: { mark: kind, ...data } }),
    signal,
  };
}
