// From an agent file to its container: which image, which command, which folders it sees. Its own config is rewritten
// as on every engine (endpoints and paths only); paths inside are those outside.

import { chmodSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type Docker from 'dockerode';
import type { PreparedAgent } from '../../agents/adapter.ts';
import { imageOf, isNodeProgram } from '../../agents/images.ts';
import { prepareAgent } from '../../agents/registry.ts';
import type { AgentSpec } from '../../model/agent.ts';
import type { AgentPages } from '../../probe/agent-pages.ts';
import { LARSEN_VERSION, PACKAGE_DIR } from '../package-dir.ts';
import { freePort } from '../shared/free-ports.ts';
import type { SinkChain } from '../shared/sink-chain.ts';
import { buildImage } from './build-image.ts';
import type { DataFolder } from './data-folder.ts';
import { nodeImage } from './node-image.ts';
import type { RunBed } from './run-bed.ts';
import { hasImage } from './runtime.ts';

/** A container's options, and what the run record is told. */
export interface AgentSetup {
  options: Docker.ContainerCreateOptions;
  configDiff: string;
  image: string;
  /** Its own pages; in the host's network they are where the agent file says. */
  pages: AgentPages;
  /** Where it keeps its dead letters; null where it has none, or in a volume that only containers see. */
  deadLetters: string | null;
}

/** Image of this project's own agent. */
const OWN_IMAGE = `larsen/agent:${LARSEN_VERSION}`;

/** Prepares it. Throws HarnessError when its image cannot be had or its file does not say how to start it. */
export async function setUpAgent(
  bed: RunBed,
  { chain, forwardUrl, data }: { chain: SinkChain; forwardUrl: string; data: DataFolder },
): Promise<AgentSetup> {
  const { plan } = bed.input;
  const spec = plan.agent;
  const chosen = await chooseImage(bed, spec);
  const tempDir = bed.space.dataFolder('agent-config');
  const prepared = await prepareAgent({
    spec: { ...spec, process: { ...spec.process, command: ['agent', ...chosen.command] } },
    forwardUrl,
    sinkUrl: chain.url,
    dataDir: data.dir,
    httpPort: await freePort(),
    sharedDir: bed.space.sharedDir,
    packageDir: PACKAGE_DIR,
    tempDir,
  });
  for (const folder of [bed.space.sharedDir, tempDir]) chmodSync(folder, 0o777);
  // The image's own user has to read it.
  if (prepared.configPath !== null) chmodSync(prepared.configPath, 0o644);
  await writeFile(join(plan.folder, 'agent-config.diff'), prepared.configDiff);
  const memory = plan.scenario.topology.agent.memoryMaxBytes;
  const [, ...command] = prepared.command;
  return {
    image: chosen.image,
    pages: { health: prepared.health, metrics: prepared.metrics },
    deadLetters: data.disk === null ? prepared.deadLetters : null,
    configDiff: prepared.configDiff,
    options: {
      Image: chosen.image,
      ...(chosen.hasEntrypoint ? { Cmd: command } : { Entrypoint: command.slice(0, 1), Cmd: command.slice(1) }),
      Env: Object.entries(ownEnvironment(spec, prepared)).map(([key, value]) => `${key}=${value}`),
      WorkingDir: spec.folder,
      ...healthCheck(prepared),
      HostConfig: {
        NetworkMode: 'host',
        Binds: [
          ...bed.packageBinds,
          `${spec.folder}:${spec.folder}:ro`,
          ...[bed.socketDir, bed.space.sharedDir, tempDir].map((folder) => `${folder}:${folder}`),
          data.bind,
        ],
        ...(memory !== null && { Memory: memory, MemorySwap: memory }),
      },
    },
  };
}

interface Chosen {
  image: string;
  command: string[];
  /** The command is what the image's entry point is given. */
  hasEntrypoint: boolean;
}

async function chooseImage(bed: RunBed, spec: AgentSpec): Promise<Chosen> {
  const { command } = spec.process;
  const known = imageOf(spec);
  const asked = spec.build === undefined ? spec.image : await buildImage(bed, spec.build);
  if (spec.agent === 'larsen-agent' && command.length === 0) {
    if (asked !== null || (await hasImage(bed.runtime, OWN_IMAGE)))
      return { image: await bed.image(asked ?? OWN_IMAGE), command: ['--config', '{config}'], hasEntrypoint: true };
    const program = ['node', '{package}/dist/agent/main.js', '--config', '{config}'];
    return { image: await nodeImage(bed), command: program, hasEntrypoint: false };
  }
  if (asked === null && isNodeProgram(spec))
    return { image: await nodeImage(bed), command: ['node', ...command.slice(1)], hasEntrypoint: false };
  const image = spec.build === undefined ? await bed.image(asked ?? known?.image ?? '') : (asked ?? '');
  return command.length > 0 || known === null
    ? { image, command, hasEntrypoint: command.length === 0 }
    : { image, command: known.arguments, hasEntrypoint: true };
}

/** Only what the agent file and the run say: this machine's own environment means nothing in a container. */
function ownEnvironment({ process: { env } }: AgentSpec, prepared: PreparedAgent): Record<string, string> {
  return Object.fromEntries(Object.entries(prepared.env).filter(([key]) => key in env || RUN_VARIABLES.has(key)));
}

const RUN_VARIABLES = new Set([
  'LARSEN_FORWARD_URL',
  'LARSEN_SINK_URL',
  'LARSEN_DATA_DIR',
  'LARSEN_HTTP_PORT',
  'LARSEN_SHARED_DIR',
]);

/** An image's own check would ask at its usual port; the run has given the agent another. */
function healthCheck({ health }: PreparedAgent): Pick<Docker.ContainerCreateOptions, 'Healthcheck'> {
  if (health === null) return { Healthcheck: { Test: ['NONE'] } };
  return { Healthcheck: { Test: ['CMD', 'wget', '-q', '-O', '/dev/null', health], Interval: 5e9, Timeout: 3e9 } };
}
