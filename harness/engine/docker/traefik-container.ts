// Real Traefik as the app of type `traefik`: its own access log on its own stdout, generated static and dynamic config.
// It writes none of our records; its threads are looked at from outside (traefik-threads.ts).

import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { HarnessError } from '../../core/errors.ts';
import { sleep } from '../../core/real-clock.ts';
import { LINE_ID_PREFIX } from '../../model/line-id.ts';
import type { AppSpec } from '../../model/scenario.ts';
import { freePort } from '../shared/free-ports.ts';
import type { AppContainer, AppContainerStart } from './app-container.ts';
import { APP_PORT } from './app-container.ts';
import { watchOutputBytes } from './output-bytes.ts';
import type { RunBed } from './run-bed.ts';
import { watchThreads } from './traefik-threads.ts';
import { whileRunning } from './while-running.ts';

/** The image of the proxy. */
export const TRAEFIK_IMAGE = 'traefik:v3.6.12';

/** Shapes of the scenario file that Traefik itself can write. */
export const TRAEFIK_FORMATS: Readonly<Record<string, string>> = { 'traefik-json': 'json', 'traefik-clf': 'common' };

const READY_WITHIN_MS = 15_000;

/** Starts it and waits until it answers a ping. */
export async function startTraefik(bed: RunBed, { spec, logConfig }: AppContainerStart): Promise<AppContainer> {
  const folder = join(bed.space.tempDir, `traefik-${spec.name}`);
  writeConfig(folder, bed.input.plan.runName, spec);
  const port = await freePort();
  const container = await bed.create(spec.name, 'app', {
    Image: await bed.image(TRAEFIK_IMAGE),
    Cmd: ['--configFile=/etc/larsen/traefik.yml'],
    ExposedPorts: { '8080/tcp': {} },
    HostConfig: {
      Binds: [`${folder}:/etc/larsen:ro`],
      PortBindings: { '8080/tcp': [{ HostIp: '127.0.0.1', HostPort: String(port) }] },
      NetworkMode: bed.network,
      LogConfig: logConfig,
    },
    NetworkingConfig: { EndpointsConfig: { [bed.network]: { Aliases: [spec.name] } } },
  });
  await container.start();
  bed.space.measure({ role: 'app', name: spec.name, pid: container.pid });
  const url = `http://127.0.0.1:${port}`;
  await whileRunning(container, waitPing(url, spec.name));
  const app = { app: spec.name, pid: container.pid };
  const watches = [watchThreads(bed, app), watchOutputBytes(bed, app)];
  return {
    spec,
    url,
    container,
    startLoad: async () => undefined,
    stop: async () => {
      for (const watch of watches) watch.stop();
    },
  };
}

function writeConfig(folder: string, run: string, spec: AppSpec): void {
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o755);
  const fields = { headers: { defaultMode: 'drop', names: { 'User-Agent': 'keep', Referer: 'keep' } } };
  const dynamicFile = '/etc/larsen/dynamic.yml';
  const fixed = {
    // The load's X-Forwarded-For stands for its viewers.
    entryPoints: { web: { address: ':8080', forwardedHeaders: { insecure: true } } },
    providers: { file: { filename: dynamicFile, watch: false } },
    accessLog: { format: TRAEFIK_FORMATS[spec.shape], fields },
    log: { level: 'ERROR' },
    ping: { entryPoint: 'web' },
    global: { checkNewVersion: false, sendAnonymousUsage: false },
  };
  // The id in the path is the proxy's; what is sent on carries the backend's id of the same number.
  const ids = {
    regex: `${LINE_ID_PREFIX}${run}-${spec.name}-([0-9]+)-0-0{8}`,
    replacement: `${LINE_ID_PREFIX}${run}-${spec.backend}-$\{1}-0-00000000`,
  };
  const routed = {
    http: {
      routers: {
        [spec.name]: { rule: 'PathPrefix(`/`)', entryPoints: ['web'], middlewares: ['ids'], service: 'backend' },
      },
      middlewares: { ids: { replacePathRegex: ids } },
      services: { backend: { loadBalancer: { servers: [{ url: `http://${spec.backend}:${APP_PORT}` }] } } },
    },
  };
  writeFileSync(join(folder, 'traefik.yml'), stringify(fixed), { mode: 0o644 });
  writeFileSync(join(folder, 'dynamic.yml'), stringify(routed), { mode: 0o644 });
}

async function waitPing(url: string, app: string): Promise<void> {
  for (const startMs = performance.now(); performance.now() - startMs < READY_WITHIN_MS; await sleep(50)) {
    const answer = await fetch(`${url}/ping`, { signal: AbortSignal.timeout(1_000) }).catch(() => null);
    if (answer?.status === 200) return;
  }
  throw new HarnessError(
    'E_DOCKER_CONTAINER',
    `Traefik (app ${app}) did not answer /ping within ${READY_WITHIN_MS / 1_000} s`,
  );
}
