// The agent's `{data}` folder: a folder of the run, or a volume of a set size in memory where the scenario sets
// `diskMax` or fills it. A volume outlives the agent's container only while somebody holds it mounted.

import { chmodSync } from 'node:fs';
import { programPath } from '../../core/program-path.ts';
import type { DiskHandle } from '../../model/parts.ts';
import { bounded } from './bounded.ts';
import { startContainerPart } from './container-part.ts';
import type { DiskHolderConfig } from './disk-holder.ts';
import { labelsOf } from './labels.ts';
import { nodeImage } from './node-image.ts';
import type { RunBed } from './run-bed.ts';

/** Room where a scenario fills the disk and sets no `topology.agent.diskMax`: filling it costs as much memory. */
const ROOMY_BYTES = 128 * 1_048_576;
const FILL_WITHIN_MS = 20_000;

/** Path inside, the bind that puts it there, and the disk where it is one. */
export interface DataFolder {
  dir: string;
  bind: string;
  disk: DiskHandle | null;
}

/** Makes it. */
export async function createDataFolder(bed: RunBed): Promise<DataFolder> {
  const dir = bed.space.dataFolder('agent');
  chmodSync(dir, 0o777);
  const { plan, registry } = bed.input;
  const { diskMaxBytes } = plan.scenario.topology.agent;
  const needsDisk = plan.scenario.faults.some(({ fault }) => registry.faults.get(fault)?.needs?.includes('agent-disk'));
  if (diskMaxBytes === null && !needsDisk) return { dir, bind: `${dir}:${dir}`, disk: null };
  const name = await createVolume(bed, diskMaxBytes ?? ROOMY_BYTES);
  const bind = `${name}:${dir}`;
  return { dir, bind, disk: await holdVolume(bed, { dir, bind }) };
}

async function createVolume(bed: RunBed, size: number): Promise<string> {
  const { docker } = bed.runtime;
  const name = bed.nameOf('data');
  await bounded(`volume create ${name}`, (abortSignal) =>
    docker.createVolume({
      Name: name,
      Driver: 'local',
      DriverOpts: { type: 'tmpfs', device: 'tmpfs', o: `size=${size},mode=1777` },
      Labels: labelsOf(bed.input.plan.runName, 'data'),
      abortSignal,
    }),
  );
  bed.afterContainers(() =>
    bounded(`volume rm ${name}`, (abortSignal) => docker.getVolume(name).remove({ abortSignal })).then(
      () => undefined,
      () => undefined,
    ),
  );
  return name;
}

/** The volume is unmounted, and so emptied, when its last container ends: this one holds it over restarts. */
async function holdVolume(bed: RunBed, { dir, bind }: { dir: string; bind: string }): Promise<DiskHandle> {
  const config: DiskHolderConfig = { dir };
  const part = await startContainerPart(bed, {
    name: 'data-holder',
    main: programPath('./disk-holder.js', import.meta.url),
    config,
    onEvent: (event) => void bed.space.record(event),
    create: async (command, env) =>
      bed.create('data-holder', 'data', {
        Image: await nodeImage(bed),
        Cmd: command,
        Env: Object.entries(env).map(([key, value]) => `${key}=${value}`),
        HostConfig: {
          Binds: [...bed.packageBinds, `${bed.socketDir}:${bed.socketDir}`, bind],
          NetworkMode: 'none',
        },
      }),
  });
  return {
    path: dir,
    leave: async (bytes) => void (await part.call('leave', { bytes }, FILL_WITHIN_MS)),
    restore: async () => void (await part.call('restore')),
    tryWrite: () => part.call<string | null>('try'),
  };
}
