// What a killed larsen left behind is removed at the next start: containers, networks, volumes and images with our labels
// whose harness process is certainly gone. Nothing without our labels is looked at twice.

import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { bounded } from './bounded.ts';
import { isOrphan, OWNER_LABEL, ROLE_LABEL, SOCKET_LABEL } from './labels.ts';
import { removeInOrder } from './removal-order.ts';
import { rescueSocket } from './rescue.ts';
import type { Runtime } from './runtime.ts';

const REMOVE_WITHIN_MS = 6_000;
const RESCUE_WITHIN_MS = 90_000;

/**
 * Removes the leftovers; tells how many containers there were and which could not be removed. `gone`: an owner that is
 * known to have ended, whether or not its parent has noticed.
 */
export async function sweepContainers(
  { docker }: Runtime,
  { gone: known }: { gone?: string | undefined } = {},
): Promise<{ removed: number; stuck: string[] }> {
  const isLeft = (owner: string | undefined): boolean => owner !== undefined && (owner === known || isOrphan(owner));
  const filters = { label: [OWNER_LABEL] };
  const listed = await bounded('ps', (abortSignal) => docker.listContainers({ all: true, filters, abortSignal }));
  const orphans = listed.filter(({ Labels }) => isLeft(Labels[OWNER_LABEL]));
  const thaw = (id: string): Promise<unknown> =>
    bounded('unpause', (abortSignal) => docker.getContainer(id).unpause({ abortSignal })).catch(() => null);
  const remove = (id: string, withinMs: number): Promise<boolean> => {
    const container = docker.getContainer(id);
    return bounded('rm', (abortSignal) => container.remove({ force: true, v: true, abortSignal }), withinMs).then(
      () => true,
      () => false,
    );
  };
  // First those behind the driver, while the agent that they wait for still reads.
  await Promise.all(orphans.map(({ Id }) => thaw(Id)));
  const gone = await removeInOrder(orphans, {
    roleOf: ({ Labels }) => Labels[ROLE_LABEL],
    remove: ({ Id }) => remove(Id, REMOVE_WITHIN_MS),
  });
  const stuck = orphans.filter((_, index) => !gone[index]);
  const freed = await Promise.all(
    stuck.map(async ({ Id, Labels }) => {
      const socket = Labels[SOCKET_LABEL] ?? '';
      if (!socket.includes('/larsen-')) return false;
      mkdirSync(dirname(socket), { recursive: true });
      await using _rescue = await rescueSocket(socket);
      return remove(Id, RESCUE_WITHIN_MS);
    }),
  );
  await sweepRest(docker, isLeft);
  return {
    removed: orphans.length,
    stuck: stuck.filter((_, index) => !freed[index]).map(({ Names, Id }) => Names[0] ?? Id),
  };
}

/** Networks, volumes and images built for a run. One that is in use is refused by the daemon, and stays. */
async function sweepRest(docker: Runtime['docker'], isLeft: (owner: string | undefined) => boolean): Promise<void> {
  const filters = { label: [OWNER_LABEL] };
  const ask = <T>(what: string, call: (abortSignal: AbortSignal) => Promise<T>): Promise<T | null> =>
    bounded(what, call, REMOVE_WITHIN_MS).catch(() => null);
  const networks = await ask('network ls', (abortSignal) => docker.listNetworks({ filters, abortSignal }));
  for (const { Id, Labels } of networks ?? [])
    if (isLeft(Labels?.[OWNER_LABEL]))
      await ask('network rm', (abortSignal) => docker.getNetwork(Id).remove({ abortSignal }));
  const volumes = await ask('volume ls', (abortSignal) => docker.listVolumes({ filters, abortSignal }));
  for (const { Name, Labels } of volumes?.Volumes ?? [])
    if (isLeft(Labels?.[OWNER_LABEL]))
      await ask('volume rm', (abortSignal) => docker.getVolume(Name).remove({ abortSignal }));
  const images = await ask('image ls', (abortSignal) => docker.listImages({ filters, abortSignal }));
  for (const { Id, Labels } of images ?? [])
    if (isLeft(Labels?.[OWNER_LABEL]))
      await ask('image rm', (abortSignal) => docker.getImage(Id).remove({ abortSignal }));
}
