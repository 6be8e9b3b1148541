// The process engine: apps, driver, agent, recording hop and sink as processes of this machine, joined by real
// pipes and sockets. Nothing but Node is needed. See docs/architecture.md for the drawing.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { prepareAgent } from '../../agents/registry.ts';
import { HarnessError } from '../../core/errors.ts';
import type { Engine, EngineInput, EngineWorld, PartRegistry } from '../../model/engine.ts';
import type { DiskHandle } from '../../model/parts.ts';
import type { RunPlan } from '../../model/run.ts';
import { asksRuntime } from '../../model/scenario.ts';
import { type PageWatch, watchAgentPages } from '../../probe/agent-pages.ts';
import { builtInApps } from '../built-in-apps.ts';
import { PACKAGE_DIR } from '../package-dir.ts';
import { startControlEmitter } from '../shared/control-emitter.ts';
import { freePort } from '../shared/free-ports.ts';
import { type HttpLoad, startHttpLoads } from '../shared/http-loads.ts';
import { recordAdmissions } from '../shared/record-admissions.ts';
import { createRunSpace, type RunSpace } from '../shared/run-space.ts';
import { type SinkChain, startSinkChain } from '../shared/sink-chain.ts';
import { startLoad } from '../shared/start-load.ts';
import { lacksDisk, mountAgentDisk } from './agent-disk.ts';
import { type AgentProcess, createAgentProcess } from './agent-process.ts';
import { watchAgentThreads } from './agent-threads.ts';
import type { AppProcess } from './app-process.ts';
import {
  createRoute,
  openRoute,
  openRouteOnceRead,
  type Route,
  type RouteOutput,
  writeCanaries,
} from './app-routes.ts';
import { startBuiltInApp } from './built-in-app.ts';
import { type DriverProcess, startDriver } from './driver-process.ts';
import { createFaultWorld } from './fault-world.ts';
import { startPluginApp } from './plugin-app.ts';

export const processEngine: Engine = { name: 'process', missing, open };

/** What this engine lacks for a plan. */
function missing({ scenario, agent }: RunPlan, registry: PartRegistry): string[] {
  const lacks: string[] = [];
  const { topology, faults } = scenario;
  if (topology.agent.memoryMaxBytes !== null)
    lacks.push('The process engine cannot hold an agent to `topology.agent.memoryMax`: use the docker engine');
  const disk = lacksDisk();
  if (topology.agent.diskMaxBytes !== null && disk !== null)
    lacks.push(`The process engine cannot hold an agent to \`topology.agent.diskMax\` here: ${disk}`);
  for (const { fault } of faults) {
    if (!registry.faults.get(fault)?.engines.includes('process'))
      lacks.push(`The process engine cannot do the fault \`${fault}\``);
    else if (registry.faults.get(fault)?.needs?.includes('agent-disk') && disk !== null)
      lacks.push(`The process engine cannot do the fault \`${fault}\` here: ${disk}`);
  }
  if (agent.driver.name === 'syslog')
    lacks.push('The process engine emulates no `syslog` log driver: use the docker engine');
  if (asksRuntime(scenario))
    lacks.push(
      'The process engine has no container runtime for `expect.socket-stall.runtimeMax`: use the docker engine',
    );
  if (agent.agent === 'none' && !topology.driver.type)
    lacks.push('`agent: none` needs a driver that delivers by itself (`topology.driver.type` of a plugin)');
  return lacks;
}

interface OpenRoute {
  route: Route;
  output: RouteOutput;
}

async function open(input: EngineInput): Promise<EngineWorld> {
  const space = createRunSpace(input);
  try {
    return await openWorld(input, space);
  } catch (error) {
    await space[Symbol.asyncDispose]();
    throw error;
  }
}

async function openWorld(input: EngineInput, space: RunSpace): Promise<EngineWorld> {
  const { plan } = input;
  const controlStarting = startControlEmitter(space);
  controlStarting.catch(() => undefined);
  const chain = await startSinkChain(input, space);
  const forwardUrl = await forwardAddress(plan, space, chain);
  const watcher = watchAgentThreads(space);
  const driver = await startDriver(input, space, {
    forwardUrl: await chain.startForwardRelays(forwardUrl),
    onState: watcher.onState,
  });
  const agent = plan.agent.agent === 'none' ? null : await startAgent(input, space, { chain, driver, forwardUrl });
  watcher.follow(agent?.process ?? null);
  const routes = await openAppRoutes(input, space, driver);
  const control = await controlStarting;
  const apps = new Map<string, AppProcess>();
  let loads: HttpLoad[] = [];
  let isAgentEnded = false;
  const endAgent = async (): Promise<void> => {
    watcher.stop();
    if (!agent || isAgentEnded) return;
    isAgentEnded = true;
    await agent.pages.stop();
    await agent.process.stop();
    await closeOwnOutput(agent.output, driver);
    const kept = input.plan.agent.self.name === 'local' ? 'agent-local.log' : 'agent-json.log';
    await recordAdmissions(input, space, {
      logFile: join(input.plan.folder, 'logs', kept),
      deadLetters: agent.deadLetters,
    });
  };

  return {
    world: createFaultWorld(input, { chain, driver, agent, apps }),
    selfRecordingApps: Object.values(plan.scenario.topology.apps)
      .filter((app) => builtInApps.has(app.type))
      .map(({ name }) => name),
    sendCanaries: async (linesByApp) => {
      for (const [app, lines] of Object.entries(linesByApp)) writeCanaries(routes.get(app)!.output.stdout, lines);
    },
    heardCanaries: chain.heardCanaries,
    tellWrapper: chain.tellWrapper,
    startApps: async () => {
      const specs = Object.values(plan.scenario.topology.apps);
      const ports = new Map(await Promise.all(specs.map(async ({ name }) => [name, await freePort()] as const)));
      const started = await Promise.all(
        specs.map((spec) => {
          const behind = spec.backend
            ? { name: spec.backend, url: `http://127.0.0.1:${ports.get(spec.backend)}` }
            : null;
          return (builtInApps.has(spec.type) ? startBuiltInApp : startPluginApp)(input, space, {
            spec,
            output: routes.get(spec.name)!.output,
            port: ports.get(spec.name)!,
            backend: behind,
          });
        }),
      );
      for (const app of started) apps.set(app.spec.name, app);
      loads = await startHttpLoads(input, space, (app) => apps.get(app)?.url ?? null);
    },
    startLoad: (loadStartNs) => startLoad(loadStartNs, { apps: apps.values(), loads, control }),
    loadSettled: async (withinMs) => void (await Promise.all(loads.map((load) => load.settled(withinMs)))),
    stopApps: async () => {
      await Promise.all(loads.map((load) => load.stop()));
      await Promise.all([...apps.values()].map((app) => app.stop()));
      await closeRoutes(routes, driver);
      await driver.stopPlugin();
    },
    stopAgent: endAgent,
    flush: chain.flush,
    readBack: chain.readBack,
    count: chain.count,
    describe: () => ({
      versions: { node: process.version, kernel: kernelVersion() },
      configDiff: agent?.configDiff ?? '',
    }),
    [Symbol.asyncDispose]: async () => {
      await endAgent().catch(() => undefined);
      await space[Symbol.asyncDispose]();
    },
  };
}

/** Where the driver sends to: a socket in the run's short folder, a free port, or (no agent) the sink itself. */
async function forwardAddress({ agent }: RunPlan, space: RunSpace, chain: SinkChain): Promise<string> {
  if (agent.agent === 'none') return chain.url;
  if (agent.driver.address === 'tcp') return `tcp://127.0.0.1:${await freePort()}`;
  const path = join(space.tempDir, 'agent.sock');
  // sun_path of a unix socket holds 107 bytes and a NUL (unix(7)).
  if (Buffer.byteLength(path) > 107)
    throw new HarnessError(
      'E_ENGINE_SOCKET_PATH',
      `The socket path ${path} is longer than the 107 bytes a unix socket allows: set TMPDIR to a shorter folder`,
    );
  return `unix://${path}`;
}

interface StartedAgent {
  process: AgentProcess;
  /** Asks its own pages. */
  pages: PageWatch;
  output: { close(): void };
  configDiff: string;
  disk: DiskHandle | null;
  deadLetters: string | null;
}

async function startAgent(
  { plan, registry }: EngineInput,
  space: RunSpace,
  { chain, driver, forwardUrl }: { chain: SinkChain; driver: DriverProcess; forwardUrl: string },
): Promise<StartedAgent> {
  const spec = plan.agent;
  const dataDir = space.dataFolder('agent');
  const { diskMaxBytes } = plan.scenario.topology.agent;
  const needsDisk = plan.scenario.faults.some(({ fault }) => registry.faults.get(fault)?.needs?.includes('agent-disk'));
  const disk = needsDisk || diskMaxBytes !== null ? await mountAgentDisk(dataDir, diskMaxBytes) : null;
  const prepared = await prepareAgent({
    spec,
    forwardUrl,
    sinkUrl: chain.url,
    dataDir,
    httpPort: await freePort(),
    sharedDir: space.sharedDir,
    packageDir: PACKAGE_DIR,
    tempDir: space.tempDir,
  });
  await writeFile(join(plan.folder, 'agent-config.diff'), prepared.configDiff);
  const route = createRoute(space, { name: '@agent', type: spec.name, run: plan.runName });
  await driver.startLogger(route, { driver: spec.self, recordReads: false, linesFile: null });
  const output = openRoute(route);
  const agent = createAgentProcess({
    name: spec.name,
    command: prepared.command,
    env: prepared.env,
    cwd: prepared.cwd,
    forwardUrl,
    readyWithinMs: spec.process.readyWithinMs,
    drainWithinMs: spec.process.drainWithinMs,
    openOutput: () => openRoute(route),
    record: space.record,
  });
  space.measure({ role: 'agent', name: spec.name, pid: agent.handle.pid, group: true });
  try {
    await agent.start();
  } catch (error) {
    await agent.stop();
    await closeOwnOutput(output, driver);
    throw error;
  }
  const pages = watchAgentPages(prepared, space.record);
  const { configDiff, deadLetters } = prepared;
  return { process: agent, pages, output, configDiff, disk, deadLetters };
}

async function openAppRoutes(
  { plan }: EngineInput,
  space: RunSpace,
  driver: DriverProcess,
): Promise<Map<string, OpenRoute>> {
  const routes = new Map<string, OpenRoute>();
  const made: Route[] = [];
  for (const app of Object.values(plan.scenario.topology.apps)) {
    const route = createRoute(space, { name: app.name, type: app.type, run: plan.runName });
    const recordReads = !builtInApps.has(app.type);
    await driver.startLogger(route, {
      driver: plan.agent.driver,
      recordReads,
      linesFile: join(space.linesDir, `${app.name}.bin`),
    });
    made.push(route);
  }
  await driver.openRoutes();
  const isOurs = plan.scenario.topology.driver.type === undefined;
  for (const route of made)
    routes.set(route.name, { route, output: isOurs ? openRoute(route) : await openRouteOnceRead(route) });
  return routes;
}

const LOGGER_STOP_WITHIN_MS = 3_000;

/** The log of the agent's own output is written to its end, with the tail that was kept of a flood. */
async function closeOwnOutput(output: { close(): void }, driver: DriverProcess): Promise<void> {
  output.close();
  await driver.stopLogger('@agent', LOGGER_STOP_WITHIN_MS).catch(() => undefined);
}

/** Closing the write ends is the end of the containers' output: the loggers drain what they can. */
async function closeRoutes(routes: Map<string, OpenRoute>, driver: DriverProcess): Promise<void> {
  for (const { output } of routes.values()) output.close();
  await Promise.all([...routes.keys()].map((app) => driver.stopLogger(app, LOGGER_STOP_WITHIN_MS)));
  routes.clear();
}

function kernelVersion(): string {
  return `${process.platform} ${process.arch}`;
}
