// Canaries before load: for each app a container of its own, behind the same driver with the same options, that prints
// the lines and ends. A container that does not end in time is left to the tear-down.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HostConfig } from 'dockerode';
import { nodeImage } from './node-image.ts';
import type { RunBed } from './run-bed.ts';

const PRINT = 'const fs=require("node:fs");fs.writeSync(1,fs.readFileSync(process.argv[1]))';

/** Sends the lines of one app. Throws E_ENGINE_DRIVER when its container would not start behind this driver. */
export async function sendCanaries(
  bed: RunBed,
  { app, lines, logConfig }: { app: string; lines: Buffer[]; logConfig: NonNullable<HostConfig['LogConfig']> },
): Promise<void> {
  const file = join(bed.space.tempDir, `${app}.canaries`);
  writeFileSync(file, Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\n')])), { mode: 0o644 });
  const container = await bed.create(`canary-${app}`, 'canary', {
    Image: await nodeImage(bed),
    Cmd: ['node', '-e', PRINT, file],
    HostConfig: { Binds: [`${file}:${file}:ro`], NetworkMode: 'none', LogConfig: logConfig },
  });
  await container.start();
}
