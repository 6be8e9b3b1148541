// The agent's disk is full: of its {data} folder only `bytes` more can be written, until heal. The folder is a disk of
// its own then, so nothing else fills. Evidence: a write of ours there failed with ENOSPC; it is tried when the file
// system says that it is full, so an agent that never fills what was left gives none.

import { z } from 'zod';
import { HarnessError } from '../core/errors.ts';
import { sleep } from '../core/real-clock.ts';
import type { EventRef } from '../model/event.ts';
import type { DiskHandle, FaultDefinition, World } from '../model/parts.ts';
import { sizeParam } from './params.ts';
import { eventRef } from './push-evidence.ts';
import { tryWrite } from './try-write.ts';
import { createUndoStore } from './undo-store.ts';

const NAME = 'disk-full';
const LOOK_MS = 200;

const params = z.strictObject({ bytes: sizeParam });

type DiskFullParams = z.infer<typeof params>;

const undos = createUndoStore();

/** Parameter `bytes`: what can still be written. */
export const diskFull: FaultDefinition<DiskFullParams> = {
  name: NAME,
  hop: 'agent',
  engines: ['process', 'docker'],
  needs: ['agent-disk'],
  params,
  inject: async (world, given) => {
    const { agentDisk: disk } = world;
    if (!disk) throw new HarnessError('E_ENGINE_FAULT', 'This run has no disk for the agent that could be filled');
    await disk.leave(given.bytes);
    const watching = watchDisk(world, disk);
    undos.keep(world, given, async () => {
      await watching.stop();
      await disk.restore();
    });
  },
  heal: (world, given) => undos.undo(world, given),
  bit: async (history, { fromNs, toNs }) => {
    const refs: EventRef[] = [];
    for await (const event of history.control()) {
      const { fault, error } = event.data ?? {};
      if (fault === NAME && error === 'ENOSPC' && event.atNs >= fromNs && event.atNs <= toNs)
        refs.push(eventRef(event));
    }
    return refs;
  },
};

/** Looks until a write has failed, and once more at the end. */
function watchDisk(world: World, disk: DiskHandle): { stop(): Promise<void> } {
  const ended = new AbortController();
  const signal = AbortSignal.any([ended.signal, world.signal]);
  let isProven = false;
  const look = async (): Promise<void> => {
    const error = isProven ? null : await (disk.tryWrite?.() ?? tryWrite(disk.path));
    if (error === null) return;
    isProven = error === 'ENOSPC';
    world.mark('disk', { fault: NAME, error, path: disk.path });
  };
  const run = async (): Promise<void> => {
    for (; !isProven; await sleep(LOOK_MS, signal)) await look();
  };
  const running = run().catch(() => undefined);
  return {
    async stop() {
      ended.abort();
      await running;
      await look();
    },
  };
}
