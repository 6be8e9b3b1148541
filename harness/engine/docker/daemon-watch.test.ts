import { expect, it } from 'vitest';
import { sleep } from '../../core/real-clock.ts';
import type { EngineWorld } from '../../model/engine.ts';
import type { EmittedEvent } from '../../model/event.ts';
import { HEALTHY, startFakeDaemon } from '../../testing/fake-daemon.ts';
import { DAEMON_LOST, type DaemonWatch, explainLoss, watchDaemon } from './daemon-watch.ts';
import { openRuntime } from './runtime.ts';

const watchOf = async (): Promise<{ watch: DaemonWatch; events: EmittedEvent[]; end(): Promise<void> }> => {
  const daemon = await startFakeDaemon({ ...HEALTHY, 'GET /events': { status: 200, body: '{}', open: true } });
  const events: EmittedEvent[] = [];
  const watch = await watchDaemon(await openRuntime(), 'abcdef', (event) => void events.push(event));
  return { watch, events, end: async () => daemon[Symbol.asyncDispose]() };
};
const world = (isLost: boolean): EngineWorld =>
  explainLoss(
    {
      stopApps: async () => {
        throw new Error('connect ECONNREFUSED');
      },
      flush: async () => undefined,
      async *readBack() {
        yield 1;
        throw new Error('no answer');
      },
    } as unknown as EngineWorld,
    { isLost: () => isLost, stop: () => undefined },
  );

it('a daemon that ends is noticed once, at its moment; one that is there is not', async () => {
  const { watch, events, end } = await watchOf();
  await sleep(50);
  expect(watch.isLost()).toBe(false);
  await end();
  await sleep(50);
  expect(watch.isLost()).toBe(true);
  expect(events).toEqual([{ kind: 'harness', hop: 'driver', data: { daemon: 'lost' } }]);
});

it('the end of the watch is no end of the daemon', async () => {
  const { watch, events, end } = await watchOf();
  watch.stop();
  await end();
  await sleep(50);
  expect(watch.isLost()).toBe(false);
  expect(events).toEqual([]);
});

it('after the loss every call tells of it, failed or not; before, what fails is told as what it is', async () => {
  await expect(world(true).stopApps()).rejects.toMatchObject({ code: 'E_DOCKER_LOST', message: DAEMON_LOST });
  await expect(world(false).stopApps()).rejects.toThrow('ECONNREFUSED');
  await expect(world(true).flush()).rejects.toMatchObject({ code: 'E_DOCKER_LOST' });
  await expect(world(false).flush()).resolves.toBeUndefined();
  const read = async (isLost: boolean): Promise<unknown[]> => {
    const seen: unknown[] = [];
    for await (const entry of world(isLost).readBack({ fromNs: 0n, toNs: 1n })!) seen.push(entry);
    return seen;
  };
  await expect(read(true)).rejects.toMatchObject({ code: 'E_DOCKER_LOST' });
  await expect(read(false)).rejects.toThrow('no answer');
});
