// The docker engine: the same scenarios with the daemon's own log driver, real Loki, real Traefik and the agent in a
// container. Recording hop, load and control emitter are those of the process engine. See docs/architecture.md.

import { HarnessError } from '../../core/errors.ts';
import type { Engine, EngineInput, EngineWorld } from '../../model/engine.ts';
import type { DiskHandle } from '../../model/parts.ts';
import type { RunPlan } from '../../model/run.ts';
import { type AppSpec, asksRuntime } from '../../model/scenario.ts';
import { type PageWatch, watchAgentPages } from '../../probe/agent-pages.ts';
import { startControlEmitter } from '../shared/control-emitter.ts';
import { freePort } from '../shared/free-ports.ts';
import { type HttpLoad, startHttpLoads } from '../shared/http-loads.ts';
import { recordAdmissions } from '../shared/record-admissions.ts';
import { createRunSpace, type RunSpace } from '../shared/run-space.ts';
import { type SinkChain, startSinkChain } from '../shared/sink-chain.ts';
import { startLoad } from '../shared/start-load.ts';
import { type AgentContainer, createAgentContainer } from './agent-container.ts';
import { setUpAgent } from './agent-setup.ts';
import { type AppContainer, startOwnApp } from './app-container.ts';
import { sendCanaries } from './canaries.ts';
import { watchDaemonLog } from './daemon-log.ts';
import { explainLoss, watchDaemon } from './daemon-watch.ts';
import { createDataFolder } from './data-folder.ts';
import { createFaultWorld } from './fault-world.ts';
import { type Liveness, openLiveness } from './liveness.ts';
import { createLogConfig } from './log-config.ts';
import { EMBEDDED, LOKI_IMAGES } from './loki-config.ts';
import { startLoki } from './loki-container.ts';
import { findMissing } from './missing.ts';
import { createOwnOutput, ownLogOf } from './own-output.ts';
import { agentSocketOf, createRunBed, type RunBed } from './run-bed.ts';
import { openRuntime, type Runtime, replaceImage } from './runtime.ts';
import { createSelfTap } from './self-tap.ts';
import { startWatchdog } from './start-watchdog.ts';
import { sweepContainers } from './sweep.ts';
import { startTraefik } from './traefik-container.ts';
import { findUnfit } from './unfit.ts';

export const dockerEngine: Engine = { name: 'docker', missing: findMissing, open };

async function open(input: EngineInput): Promise<EngineWorld> {
  const runtime = await openRuntime();
  checkRuntime(runtime, input.plan);
  startWatchdog();
  await sweepContainers(runtime);
  const space = createRunSpace(input);
  try {
    return await openWatched(input, await createRunBed(input, space, runtime));
  } catch (error) {
    await space[Symbol.asyncDispose]();
    throw error;
  }
}

/** The world, under a watch over the daemon. */
async function openWatched(input: EngineInput, bed: RunBed): Promise<EngineWorld> {
  const watch = await watchDaemon(bed.runtime, input.plan.runName, (event) => void bed.space.record(event));
  bed.space.onDispose(async () => watch.stop());
  return explainLoss(await openWorld(input, bed), watch);
}

/** The daemon has to be here, and of the generation whose behaviour the agent file speaks of. */
function checkRuntime(runtime: Runtime, { agent }: RunPlan): void {
  const { generation, version } = runtime;
  const unfit = findUnfit(runtime);
  if (unfit) throw unfit;
  const wanted = agent.driver.docker;
  if (wanted !== generation)
    throw new HarnessError(
      'E_ENGINE_DRIVER',
      `\`driver.docker: "${wanted}"\` was asked for, and the Docker engine here is ${version}, which behaves as "${generation}"`,
    );
}

async function openWorld(input: EngineInput, bed: RunBed): Promise<EngineWorld> {
  const { plan } = input;
  const { space } = bed;
  watchDaemonLog(space);
  const controlStarting = startControlEmitter(space);
  controlStarting.catch(() => undefined);
  const loki = hasLokiImage(bed) ? await startLoki(bed) : null;
  const chain = await startSinkChain(input, space, loki ? { lokiUrl: loki.url } : {});
  const forwardUrl = await forwardAddress(bed);
  const agent = await startAgent(bed, { chain, forwardUrl });
  const control = await controlStarting;
  const driverUrl = await chain.startForwardRelays(forwardUrl);
  const logConfigOf = (app: AppSpec): ReturnType<typeof createLogConfig> =>
    createLogConfig(plan.agent.driver, { forwardUrl: driverUrl, tag: `${app.name}.${app.type}` });
  const apps = new Map<string, AppContainer>();
  const specs = Object.values(plan.scenario.topology.apps);
  let loads: HttpLoad[] = [];
  let liveness: Liveness | null = null;

  return {
    world: createFaultWorld(input, { chain, agent: agent.process.handle, disk: agent.disk, apps }),
    selfRecordingApps: specs.filter(({ type }) => type !== 'traefik').map(({ name }) => name),
    sendCanaries: async (linesByApp) => {
      await Promise.all(
        Object.entries(linesByApp).map(([app, lines]) =>
          sendCanaries(bed, { app, lines, logConfig: logConfigOf(plan.scenario.topology.apps[app]!) }),
        ),
      );
    },
    heardCanaries: chain.heardCanaries,
    tellWrapper: chain.tellWrapper,
    startApps: async () => {
      const started = await Promise.all(
        specs.map((spec) =>
          (spec.type === 'traefik' ? startTraefik : startOwnApp)(bed, { spec, logConfig: logConfigOf(spec) }),
        ),
      );
      for (const app of started) apps.set(app.spec.name, app);
      loads = await startHttpLoads(input, space, (app) => apps.get(app)?.url ?? null);
      if (asksRuntime(plan.scenario)) liveness = await openLiveness(bed, logConfigOf(specs[0]!));
    },
    startLoad: async (loadStartNs) => {
      liveness?.start(loadStartNs);
      await startLoad(loadStartNs, { apps: apps.values(), loads, control });
    },
    loadSettled: async (withinMs) => void (await Promise.all(loads.map((load) => load.settled(withinMs)))),
    stopApps: async () => {
      liveness?.stop();
      await Promise.all(loads.map((load) => load.stop()));
      await Promise.all([...apps.values()].map((app) => app.stop()));
      await stopContainers(space, [...apps.values()]);
    },
    stopAgent: async () => {
      await agent.pages.stop();
      await agent.process.stop();
      agent.stopWatching();
      await recordAdmissions(input, space, { logFile: ownLogOf(space), deadLetters: agent.deadLetters });
    },
    flush: chain.flush,
    readBack: chain.readBack,
    count: chain.count,
    describe: () => ({
      versions: {
        node: process.version,
        docker: bed.runtime.version,
        agentImage: agent.image,
        ...(plan.scenario.topology.sink.type === 'loki' && { sinkImage: loki?.image ?? EMBEDDED }),
      },
      configDiff: agent.configDiff,
      images: bed.usedImages(),
    }),
    [Symbol.asyncDispose]: async () => {
      await agent.pages.stop().catch(() => undefined);
      await agent.process.stop().catch(() => undefined);
      agent.stopWatching();
      await space[Symbol.asyncDispose]();
    },
  };
}

/** Real Loki, unless larsen.config says `embedded` in place of its image. */
function hasLokiImage({ input }: RunBed): boolean {
  const { type, version } = input.plan.scenario.topology.sink;
  return (
    type === 'loki' && replaceImage(input.images ?? {}, LOKI_IMAGES[version as keyof typeof LOKI_IMAGES]) !== EMBEDDED
  );
}

/** A socket in the run's short folder, or a free port of the host's loopback, which the daemon dials as we do. */
async function forwardAddress(bed: RunBed): Promise<string> {
  if (bed.input.plan.agent.driver.address === 'tcp') return `tcp://127.0.0.1:${await freePort()}`;
  const path = agentSocketOf(bed);
  // sun_path of a unix socket holds 107 bytes and a NUL (unix(7)).
  if (Buffer.byteLength(path) > 107)
    throw new HarnessError(
      'E_ENGINE_SOCKET_PATH',
      `The socket path ${path} is longer than the 107 bytes a unix socket allows: set TMPDIR to a shorter folder`,
    );
  return `unix://${path}`;
}

interface StartedAgent {
  process: AgentContainer;
  /** Asks its own pages. */
  pages: PageWatch;
  disk: DiskHandle | null;
  stopWatching(): void;
  configDiff: string;
  deadLetters: string | null;
  image: string;
}

async function startAgent(
  bed: RunBed,
  { chain, forwardUrl }: { chain: SinkChain; forwardUrl: string },
): Promise<StartedAgent> {
  const { agent: spec } = bed.input.plan;
  const data = await createDataFolder(bed);
  const setup = await setUpAgent(bed, { chain, forwardUrl, data });
  const tap = createSelfTap(bed, forwardUrl);
  const output = createOwnOutput(bed);
  const self = createLogConfig(spec.self, { forwardUrl: tap.url, tag: `agents.${spec.name}` });
  const container = await bed.create('agent', 'agent', {
    ...setup.options,
    HostConfig: { ...setup.options.HostConfig, LogConfig: self },
  });
  const process = createAgentContainer(bed, { container, forwardUrl, output, onReady: tap.listen });
  bed.space.measure({ role: 'agent', name: spec.name, pid: process.handle.pid });
  let isWatching = true;
  const stopWatching = (): void => {
    if (!isWatching) return;
    isWatching = false;
    output.stop();
    tap.close();
  };
  try {
    await process.start();
  } catch (error) {
    await process.stop();
    stopWatching();
    throw error;
  }
  const pages = watchAgentPages(setup.pages, bed.space.record);
  return {
    process,
    pages,
    disk: data.disk,
    stopWatching,
    configDiff: setup.configDiff,
    deadLetters: setup.deadLetters,
    image: setup.image,
  };
}

const STOP_WITHIN_MS = 5_000;

/** As `docker stop -t 1`: told to end, then killed. One whose driver does not let go is left to the tear-down. */
async function stopContainers(space: RunSpace, apps: AppContainer[]): Promise<void> {
  await Promise.all(
    apps.map(async ({ container, spec }) => {
      const data = { role: 'app', name: spec.name, pid: container.pid() ?? 0 };
      const isStopped = await container.stop(1, STOP_WITHIN_MS);
      space.record({
        kind: 'process',
        hop: 'app',
        app: spec.name,
        data: { ...data, state: isStopped ? 'exited' : 'stopping', expected: true },
      });
    }),
  );
}
