// Runs in a container that holds the agent's data volume: keeps it mounted while the agent is away, and fills it up for
// the fault `disk-full` with a file of zeros, so that the limit is met by the agent's own writes.

import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connectPart } from '../../core/part.ts';
import { readFreeBytes, tryWrite } from '../../fault/try-write.ts';

/** Its config. */
export interface DiskHolderConfig {
  dir: string;
}

const CHUNK_BYTES = 262_144;

const channel = await connectPart<DiskHolderConfig>();
const { dir } = channel.config;
const ballast = join(dir, '.larsen-ballast');

/** Leaves room for so many more bytes, to a page. */
async function leave(bytes: number): Promise<void> {
  for (let free = await readFreeBytes(dir); free > bytes; free = await readFreeBytes(dir)) {
    const size = Math.min(CHUNK_BYTES, free - bytes);
    await writeFile(ballast, Buffer.alloc(size), { flag: 'a' }).catch((error: NodeJS.ErrnoException) => {
      // The agent was quicker with what was left.
      if (error.code !== 'ENOSPC') throw error;
    });
    if (size < CHUNK_BYTES) return;
  }
}

channel.onCall('leave', (data) => leave((data as { bytes: number }).bytes));
channel.onCall('restore', () => rm(ballast, { force: true }));
channel.onCall('try', () => tryWrite(dir));
channel.ready({});
