// What all containers of a run share: the daemon, the run's network and labels, the folders that both sides see, and
// the order of tear-down. Names carry run and harness process, so that many runs share a host without meeting.

import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { nowNs } from '../../core/real-clock.ts';
import type { EngineInput } from '../../model/engine.ts';
import type { RuntimeProbeData } from '../../model/event.ts';
import type { UsedImage } from '../../model/run.ts';
import { PACKAGE_DIR } from '../package-dir.ts';
import type { RunSpace } from '../shared/run-space.ts';
import { bounded } from './bounded.ts';
import { createContainer, type RunContainer } from './container.ts';
import { labelsOf } from './labels.ts';
import { removeInOrder } from './removal-order.ts';
import { rescueSocket } from './rescue.ts';
import { isMadeHere, needImage, type Runtime, replaceImage } from './runtime.ts';

/** The bed of one run. */
export interface RunBed {
  readonly runtime: Runtime;
  readonly space: RunSpace;
  readonly input: EngineInput;
  /** Short folder of sockets, seen by daemon, agent and parts under the same path. */
  readonly socketDir: string;
  readonly network: string;
  /** `<part>-<run>-<harness process>`. */
  nameOf(part: string): string;
  /** The image to use for a public name: a mirror of larsen.config, else the name itself. Throws E_DOCKER_IMAGE when it cannot be had. */
  image(name: string): Promise<string>;
  /** Images used so far. */
  usedImages(): UsedImage[];
  /** Creates a labelled container that is removed with the run. */
  create(part: string, role: string, options: Docker.ContainerCreateOptions): Promise<RunContainer>;
  /** Called when the containers are gone. */
  afterContainers(clean: () => Promise<void>): void;
  /** Bind mounts of larsen itself, for our programs. */
  readonly packageBinds: string[];
}

/** Where the daemon's log drivers send to; the rescue listens there at the end. */
const AGENT_SOCKET = 'agent.sock';

/** The path of the agent's socket. */
export function agentSocketOf({ socketDir }: Pick<RunBed, 'socketDir'>): string {
  return join(socketDir, AGENT_SOCKET);
}

/** Makes the network and registers the tear-down. */
export async function createRunBed(input: EngineInput, space: RunSpace, runtime: Runtime): Promise<RunBed> {
  const run = input.plan.runName;
  const socketDir = join(space.tempDir, 's');
  mkdirSync(socketDir, { recursive: true });
  chmodSync(socketDir, 0o777);
  const nameOf = (part: string): string => `${part}-${run}-${process.pid.toString(36)}`;
  const created: Created[] = [];
  const used = new Map<string, UsedImage>();
  const cleaners: (() => Promise<void>)[] = [];
  const network = nameOf('larsen');
  const made = await bounded(`network create ${network}`, (abortSignal) =>
    runtime.docker.createNetwork({ Name: network, Labels: labelsOf(run, 'network'), abortSignal }),
  );
  const bed: RunBed = {
    runtime,
    space,
    input,
    socketDir,
    network,
    nameOf,
    afterContainers: (clean) => void cleaners.push(clean),
    packageBinds: [`${packageRoot()}:${packageRoot()}:ro`],
    async image(name) {
      const wanted = replaceImage(input.images ?? {}, name);
      await needImage(runtime, wanted);
      used.set(name, { name, used: wanted, madeHere: await isMadeHere(runtime, wanted) });
      return wanted;
    },
    usedImages: () => [...used.values()],
    async create(part, role, options) {
      const container = await createContainer(runtime, {
        ...options,
        name: nameOf(part),
        Labels: { ...options.Labels, ...labelsOf(run, role, agentSocketOf({ socketDir })) },
      });
      created.push({ container, role });
      return container;
    },
  };
  space.onDispose(async () => {
    await removeAll(bed, created);
    for (const clean of cleaners) await clean();
    await bounded(`network rm ${network}`, (abortSignal) => made.remove({ abortSignal }), 5_000).catch(() => undefined);
  });
  return bed;
}

/** Installed as a dependency, larsen's own dependencies lie beside it. */
function packageRoot(): string {
  const at = PACKAGE_DIR.indexOf('/node_modules/');
  return at === -1 ? PACKAGE_DIR : PACKAGE_DIR.slice(0, at + '/node_modules'.length);
}

interface Created {
  container: RunContainer;
  role: string;
}

/** Thaws what is frozen, then removes all; what the daemon cannot let go of is freed by a listener that discards, and told. */
async function removeAll({ space, socketDir }: RunBed, created: Created[]): Promise<void> {
  await Promise.all(created.map(({ container }) => container.unpause().catch(() => undefined)));
  const sinceNs = nowNs();
  const gone = await removeInOrder(created, {
    roleOf: ({ role }) => role,
    remove: ({ container }) => container.remove(),
  });
  const stuck = created.filter((_, index) => !gone[index]).map(({ container }) => container);
  if (stuck.length === 0) return;
  await using _rescue = await rescueSocket(agentSocketOf({ socketDir }));
  await Promise.all(
    stuck.map(async (container) => {
      const answered = await container.remove(RESCUE_WITHIN_MS);
      space.record({ kind: 'probe', hop: 'driver', data: describeRescue(sinceNs, answered) });
    }),
  );
}

function describeRescue(sinceNs: number, answered: boolean): Record<string, unknown> {
  const tookMs = Math.round((nowNs() - sinceNs) / 1e6);
  const probe: RuntimeProbeData = {
    probe: 'runtime',
    command: 'rm',
    tookMs,
    answered,
    when: 'tear-down',
    ...(answered && { rescued: true }),
  };
  return { ...probe };
}

/** A driver that was away for long looks for its socket again only after up to a minute. */
const RESCUE_WITHIN_MS = 90_000;
