// What faults may do in the docker engine: signals, pause and restart of containers, rules at the recording hop.

import { HarnessError } from '../../core/errors.ts';
import { nowNs } from '../../core/real-clock.ts';
import type { EngineInput } from '../../model/engine.ts';
import type { DiskHandle, ProcessHandle, World } from '../../model/parts.ts';
import { hopToSink } from '../shared/hop-to-sink.ts';
import type { SinkChain } from '../shared/sink-chain.ts';
import { type AppContainer, appHandle } from './app-container.ts';

/** The world of a run as its faults see it. */
export function createFaultWorld(
  { record, signal }: EngineInput,
  targets: { chain: SinkChain; agent: ProcessHandle; disk: DiskHandle | null; apps: Map<string, AppContainer> },
): World {
  const { chain, agent, disk, apps } = targets;
  const notOurs = async (): Promise<never> => {
    throw new HarnessError('E_ENGINE_FAULT', 'The log driver is the daemon itself: it is not restarted by a run');
  };
  return {
    agent,
    ...(disk && { agentDisk: disk }),
    driver: { restart: notOurs, control: notOurs },
    sink: chain.sink,
    relays: chain.relays,
    get apps() {
      return Object.fromEntries([...apps].map(([name, app]) => [name, appHandle(app)]));
    },
    hop: (from, to) => hopToSink(chain.sink, { from, to }),
    mark: (kind, data) => record({ kind: 'fault-bit', hop: 'agent', atNs: nowNs(), data: { mark: kind, ...data } }),
    signal,
  };
}
