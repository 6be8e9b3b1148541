// The agent's `{data}` folder: a folder of the run, or with `diskMax` a volume of that size in memory, which outlives
// the agent's container only while somebody holds it mounted.

import { chmodSync } from 'node:fs';
import { bounded } from './bounded.ts';
import { labelsOf } from './labels.ts';
import { nodeImage } from './node-image.ts';
import type { RunBed } from './run-bed.ts';

/** Path inside and the bind that puts it there. */
export async function createDataFolder(bed: RunBed): Promise<{ dir: string; bind: string }> {
  const dir = bed.space.dataFolder('agent');
  chmodSync(dir, 0o777);
  const size = bed.input.plan.scenario.topology.agent.diskMaxBytes;
  if (size === null) return { dir, bind: `${dir}:${dir}` };
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
  // The volume is unmounted, and so emptied, when its last container ends: this one holds it over restarts.
  const holder = await bed.create('data-holder', 'data', {
    Image: await nodeImage(bed),
    Cmd: ['node', '-e', 'setInterval(() => {}, 1e6)'],
    HostConfig: { Binds: [`${name}:${dir}`], NetworkMode: 'none' },
  });
  await holder.start();
  bed.afterContainers(() =>
    bounded(`volume rm ${name}`, (abortSignal) => docker.getVolume(name).remove({ abortSignal })).then(
      () => undefined,
      () => undefined,
    ),
  );
  return { dir, bind: `${name}:${dir}` };
}
