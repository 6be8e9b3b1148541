// The driver of a run: our emulation of the Docker daemon's logging in a process of its own, or a plugin's driver.
// The agent's own output always goes through ours, whatever stands in front of the apps.

import { HarnessError } from '../../core/errors.ts';
import { programPath } from '../../core/program-path.ts';
import type { DriverPartConfig, LoggerConfig } from '../../driver/part.ts';
import type { EngineInput } from '../../model/engine.ts';
import type { DriverLoggerState, EmittedEvent } from '../../model/event.ts';
import type { World } from '../../model/parts.ts';
import type { DriverSpec } from '../../model/scenario.ts';
import type { PartHostConfig, PartHostInfo } from '../shared/part-host.ts';
import type { PartProcess } from '../shared/part-process.ts';
import type { RunSpace } from '../shared/run-space.ts';
import type { Route } from './app-routes.ts';

/** The running driver. */
export interface DriverProcess {
  readonly handle: World['driver'];
  /** Opens a container's logger. Throws E_ENGINE_DRIVER with Docker's text where the container would not start. */
  startLogger(
    route: Route,
    options: { driver: DriverSpec; recordReads: boolean; linesFile: string | null },
  ): Promise<void>;
  /** After the write end was closed: drains within the bound, records what is held. */
  stopLogger(app: string, withinMs: number): Promise<void>;
  /** After the last startLogger: a plugin's driver starts once, with all routes, and opens their read ends. */
  openRoutes(): Promise<void>;
  state(): Promise<DriverLoggerState[]>;
  /** Ends a plugin's driver, which flushes by its own rules. */
  stopPlugin(): Promise<void>;
}

/** Starts the driver process. */
export async function startDriver(
  input: EngineInput,
  space: RunSpace,
  options: { forwardUrl: string; onState(loggers: DriverLoggerState[]): void },
): Promise<DriverProcess> {
  const { plan } = input;
  const config: DriverPartConfig = {
    run: plan.runName,
    apps: Object.keys(plan.scenario.topology.apps),
    forwardUrl: options.forwardUrl,
    logsDir: space.logsDir,
    seed: plan.seed,
  };
  const onEvent = (event: EmittedEvent): void => {
    space.record(event);
    const data = event.data as { probe?: string; loggers?: DriverLoggerState[] } | undefined;
    if (data?.probe === 'driver-state' && data.loggers) options.onState(data.loggers);
  };
  const part = await space.startPart({
    role: 'driver',
    name: 'docker',
    main: programPath('../../driver/main.js', import.meta.url),
    config,
    onEvent,
  });
  const plugin = plan.scenario.topology.driver.type;
  let hosted: PartProcess | null = null;
  const routes: Route[] = [];
  return {
    handle: {
      restart: async () => void (await part.call('restart')),
      control: (command, data) =>
        (hosted ?? part).call(hosted ? 'control' : command, hosted ? { command, data } : data),
    },
    async startLogger(route, { driver, recordReads, linesFile }) {
      if (plugin && route.name !== '@agent') return void routes.push(route);
      const logger: LoggerConfig = {
        app: route.name,
        stdout: route.stdout,
        stderr: route.stderr,
        driver,
        tag: route.tag,
        containerId: route.containerId,
        containerName: route.containerName,
        linesFile,
        recordReads,
      };
      const answer = await part.call<{ ok: boolean; error?: string }>('start-logger', logger);
      if (!answer.ok)
        throw new HarnessError(
          'E_ENGINE_DRIVER',
          `The container of ${route.name} would not start behind this driver: ${answer.error}`,
        );
    },
    async stopLogger(app, withinMs) {
      if (plugin && app !== '@agent') return;
      await part.call('stop-logger', { app, withinMs }, withinMs + 2_000);
    },
    state: () => part.call<DriverLoggerState[]>('state'),
    async stopPlugin() {
      await hosted?.call('dispose', null, 10_000).catch(() => undefined);
    },
    async openRoutes() {
      if (plugin)
        hosted = await startPluginDriver(input, space, { name: plugin, forwardUrl: options.forwardUrl, routes });
    },
  };
}

async function startPluginDriver(
  { plan, registry }: EngineInput,
  space: RunSpace,
  { name, forwardUrl, routes }: { name: string; forwardUrl: string; routes: Route[] },
): Promise<PartProcess> {
  const config: PartHostConfig = {
    kind: 'driver',
    name,
    pluginFiles: registry.pluginFiles,
    driver: {
      apps: routes.map((route) => ({ name: route.name, stdout: route.stdout, stderr: route.stderr })),
      forwardUrl,
      dataDir: space.dataFolder(`driver-${name}`),
      sharedDir: space.sharedDir,
      params: plan.scenario.topology.driver.with ?? {},
    },
  };
  const main = programPath('../shared/part-host.js', import.meta.url);
  const part = await space.startPart({ role: 'driver', name, main, config });
  const { error } = part.info as PartHostInfo;
  if (error !== undefined)
    throw new HarnessError('E_ENGINE_DRIVER', `The driver ${name} could not be started: ${error}`);
  return part;
}
