// Whether the daemon was there all the time: its stream of events breaks off when it ends, be it restarted a second
// later. Its containers and their log drivers ended with it, so such a run proves nothing about the agent.

import { HarnessError } from '../../core/errors.ts';
import type { EngineWorld } from '../../model/engine.ts';
import type { EmittedEvent } from '../../model/event.ts';
import { bounded } from './bounded.ts';
import { RUN_LABEL } from './labels.ts';
import type { Runtime } from './runtime.ts';

/** What is told of a run in whose middle the daemon ended. */
export const DAEMON_LOST =
  'The Docker engine ended or was restarted in the middle of the run, and its containers with it';

/** A watch over the daemon. */
export interface DaemonWatch {
  isLost(): boolean;
  stop(): void;
}

/** Watches until stopped; the loss is recorded at its moment. */
export async function watchDaemon(
  { docker }: Pick<Runtime, 'docker'>,
  run: string,
  record: (event: EmittedEvent) => void,
): Promise<DaemonWatch> {
  const filters = { label: [`${RUN_LABEL}=${run}`] };
  const stream = (await bounded('events', () => docker.getEvents({ filters }))) as NodeJS.ReadableStream & {
    destroy(): void;
  };
  let state: 'watching' | 'lost' | 'stopped' = 'watching';
  const lose = (): void => {
    if (state !== 'watching') return;
    state = 'lost';
    record({ kind: 'harness', hop: 'driver', data: { daemon: 'lost' } });
  };
  stream.on('error', lose).on('close', lose).on('end', lose);
  stream.resume();
  return {
    isLost: () => state === 'lost',
    stop: () => {
      if (state === 'watching') state = 'stopped';
      stream.destroy();
    },
  };
}

/** A world whose calls fail with E_DOCKER_LOST once the daemon was lost, whether they failed of it or not. */
export function explainLoss(world: EngineWorld, watch: DaemonWatch): EngineWorld {
  const explain = (error: unknown): never => {
    if (watch.isLost()) throw new HarnessError('E_DOCKER_LOST', DAEMON_LOST, { cause: error });
    throw error;
  };
  const check = <T>(value: T): T => (watch.isLost() ? explain(null) : value);
  const explained = (value: unknown): unknown => {
    if (value instanceof Promise) return value.then(check, explain);
    return isIterable(value) ? iterate(value, explain) : value;
  };
  return new Proxy(world, {
    get(target, key) {
      const member: unknown = Reflect.get(target, key);
      if (typeof member !== 'function' || key === Symbol.asyncDispose) return member;
      return (...parameters: unknown[]) => explained(member.apply(target, parameters));
    },
  });
}

function isIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

async function* iterate(values: AsyncIterable<unknown>, explain: (error: unknown) => never): AsyncIterable<unknown> {
  try {
    yield* values;
  } catch (error) {
    explain(error);
  }
}
