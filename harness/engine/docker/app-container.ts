// The apps as containers behind the driver under test: ours run their usual programs from larsen's own folder in a
// plain Node image and record their own writes; the type `traefik` is Traefik itself.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HostConfig } from 'dockerode';
import type { AppPartConfig } from '../../app/part.ts';
import { HarnessError } from '../../core/errors.ts';
import type { EmittedEvent } from '../../model/event.ts';
import type { ProcessHandle } from '../../model/parts.ts';
import type { AppSpec } from '../../model/scenario.ts';
import { builtInApps } from '../built-in-apps.ts';
import { createFileTail } from '../shared/file-tail.ts';
import { freePort } from '../shared/free-ports.ts';
import type { RunContainer } from './container.ts';
import { startContainerPart } from './container-part.ts';
import { nodeImage } from './node-image.ts';
import type { RunBed } from './run-bed.ts';

/** Where an http app of ours listens in the run's network. */
export const APP_PORT = 9000;

/** What an app's container is started with. */
export interface AppContainerStart {
  spec: AppSpec;
  logConfig: NonNullable<HostConfig['LogConfig']>;
}

/** A running app. */
export interface AppContainer {
  spec: AppSpec;
  url: string | null;
  container: RunContainer;
  startLoad(loadStartNs: number): Promise<void>;
  /** Lets it finish its writes, within a bound; its container is stopped afterwards. */
  stop(): Promise<void>;
}

const STOP_WITHIN_MS = 1_500;

/** Starts an app of ours; it is idle until its load begins. */
export async function startOwnApp(bed: RunBed, { spec, logConfig }: AppContainerStart): Promise<AppContainer> {
  const { space, input } = bed;
  const builtIn = builtInApps.get(spec.type)!;
  const isHttp = builtIn.kind === 'http';
  const eventsFile = join(space.tempDir, `${spec.name}.events.jsonl`);
  writeFileSync(eventsFile, '', { mode: 0o666 });
  const tail = createFileTail(eventsFile, {
    everyMs: 100,
    onLine: (event) => void space.record(event as EmittedEvent),
  });
  space.onDispose(() => tail.close());
  const shape = input.registry.shapes.get(spec.shape);
  const shapeModule = shape && input.registry.pluginFileOf?.(shape);
  const config: AppPartConfig = {
    app: spec,
    run: input.plan.runName,
    seed: input.plan.seed,
    linesFile: join(space.linesDir, `${spec.name}.bin`),
    eventsFile,
    shape: spec.shape,
    ...(shapeModule && { shapeModule }),
    listenPort: isHttp ? APP_PORT : null,
    listenHost: '0.0.0.0',
    backendUrl: spec.backend ? `http://${spec.backend}:${APP_PORT}` : null,
    backendApp: spec.backend,
  };
  const port = isHttp ? await freePort() : null;
  const part = await startContainerPart(bed, {
    name: spec.name,
    main: builtIn.main,
    config,
    onEvent: (event) => void space.record(event),
    create: async (command, env) =>
      bed.create(spec.name, 'app', {
        Image: await nodeImage(bed),
        Cmd: command,
        Env: Object.entries(env).map(([key, value]) => `${key}=${value}`),
        ExposedPorts: isHttp ? { [`${APP_PORT}/tcp`]: {} } : {},
        HostConfig: {
          Binds: [
            ...bed.packageBinds,
            ...[bed.socketDir, space.linesDir, space.tempDir].map((folder) => `${folder}:${folder}`),
            ...(shapeModule ? [`${shapeModule}:${shapeModule}:ro`] : []),
          ],
          NetworkMode: isHttp ? bed.network : 'none',
          PortBindings: port ? { [`${APP_PORT}/tcp`]: [{ HostIp: '127.0.0.1', HostPort: String(port) }] } : {},
          LogConfig: logConfig,
        },
        ...(isHttp && { NetworkingConfig: { EndpointsConfig: { [bed.network]: { Aliases: [spec.name] } } } }),
      }),
  });
  space.measure({ role: 'app', name: spec.name, pid: part.container.pid });
  return {
    spec,
    url: port ? `http://127.0.0.1:${port}` : null,
    container: part.container,
    startLoad: async (loadStartNs) => void (await part.call('load-start', { loadStartNs })),
    stop: async () => {
      // Blocked in write(2) for good: what it wrote was published.
      await part.call('stop', { withinMs: STOP_WITHIN_MS }, STOP_WITHIN_MS + 500).catch(() => undefined);
      tail.poll();
    },
  };
}

/** What faults may do to an app. */
export function appHandle({ container, stop }: AppContainer): ProcessHandle {
  return {
    pid: container.pid,
    signal: (name) => container.kill(name),
    stop,
    start: async () => {
      throw new HarnessError('E_ENGINE_FAULT', 'An app is not started again: its plan would be written twice');
    },
  };
}
