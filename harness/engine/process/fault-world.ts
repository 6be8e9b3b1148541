// What faults may do in the process engine: signals to process groups, rules at the recording hop, commands to parts.

import { HarnessError } from '../../core/errors.ts';
import { nowNs } from '../../core/real-clock.ts';
import type { EngineInput } from '../../model/engine.ts';
import type { Hop } from '../../model/event.ts';
import type { DiskHandle, HopHandle, SinkHandle, World } from '../../model/parts.ts';
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
    hop: (from, to) => hopHandle(chain.sink, { from, to }),
    mark: (kind, data) => record({ kind: 'fault-bit', hop: 'agent', atNs: nowNs(), data: { mark: kind, ...data } }),
    signal,
  };
}

/** Connections to the sink pass the recording hop, where they can be disturbed; the driver's socket cannot be reached here. */
function hopHandle(sink: SinkHandle, { from, to }: { from: Hop; to: Hop }): HopHandle {
  if (to !== 'sink') {
    throw new HarnessError(
      'E_ENGINE_FAULT',
      `The process engine cannot disturb the connection ${from}..${to}, only those to the sink`,
    );
  }
  const blackhole = async (): Promise<() => Promise<void>> => {
    await sink.stop();
    return () => sink.start();
  };
  return {
    reset: async () => {
      await (await blackhole())();
      return async () => undefined;
    },
    stall: () => sink.script({ fault: 'hop-stall', silent: true }),
    blackhole,
    delay: (delayMs) => sink.script({ fault: 'hop-delay', delayMs }),
  };
}
