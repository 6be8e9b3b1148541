// The same suite on the daemon's own driver: the engine that the environment names. Containers are removed with a
// bound, after the server of the test has begun to read: a stalled one cannot be.

import { join } from 'node:path';
import type Docker from 'dockerode';
import { describeDocker, docker, TEST_LABEL } from '../testing/docker.ts';
import { type DriverRunOptions, driverConformance } from '../testing/driver-conformance.ts';

const IMAGE = `larsen/node:${process.versions.node}`;
const REMOVE_WITHIN_MS = 40_000;

const { Version } = await docker.version().catch(() => ({ Version: 'of no engine' }));

describeDocker("Docker's own fluentd driver", [IMAGE], () => {
  driverConformance({ name: `Docker ${Version.replace(/\+.*/, '')}`, open: openDaemon });
});

async function openDaemon(folder: string) {
  const containers: Docker.Container[] = [];
  return {
    async run({ script, options, labels = {}, env = {} }: DriverRunOptions) {
      const name = `larsen-conformance-${process.pid}-${Date.now()}`;
      const create = (): Promise<Docker.Container> =>
        docker.createContainer({
          ...{ name, Image: IMAGE, Cmd: ['node', '-e', script], Labels: { ...labels, [TEST_LABEL]: 'driver' } },
          Env: [...Object.entries({ ...env, LARSEN_FOLDER: folder }).map(([key, value]) => `${key}=${value}`)],
          HostConfig: {
            ...{ NetworkMode: 'none', Binds: [`${folder}:${folder}`], Init: true },
            LogConfig: {
              Type: 'fluentd',
              Config: { 'fluentd-address': `unix://${join(folder, 'agent.sock')}`, ...options },
            },
          },
        });
      let container: Docker.Container;
      try {
        container = await create();
        containers.push(container);
        await container.start();
      } catch (error) {
        return {
          ...never,
          error: (error as { json?: { message?: string } }).json?.message ?? String(error),
          name,
          id: '',
        };
      }
      const gone = waitNotRunning(container);
      return {
        ...{ error: null, name, id: container.id },
        ended: (withinMs: number) => within(gone, withinMs),
        stop: (withinMs: number) => within(container.stop({ t: 1 }), withinMs),
      };
    },
    async [Symbol.asyncDispose]() {
      const removed = containers.map((container) => container.remove({ force: true, v: true }).catch(() => undefined));
      await within(Promise.all(removed), REMOVE_WITHIN_MS);
    },
  };
}

const never = { ended: async () => true, stop: async () => true };

async function waitNotRunning(container: Docker.Container): Promise<void> {
  await container.wait().catch(() => undefined);
}

/** Whether it settles in time. What is late goes on by itself. */
async function within(promise: Promise<unknown>, withinMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), withinMs);
  });
  const done = promise.then(
    () => true as const,
    () => true as const,
  );
  return Promise.race([done, late]).finally(() => clearTimeout(timer));
}
