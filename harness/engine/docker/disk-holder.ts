// Runs in a container that holds the agent's data volume: keeps it mounted while the agent is away, and fills it up for
// the fault `disk-full` with a file of zeros, so that the limit is met by the agent's own writes.

import { rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connectPart } from '../../core/part.ts';

/** Its config. */
export interface DiskHolderConfig {
  dir: string;
}

const CHUNK_BYTES = 262_144;
/** Two pages, as the fault tries it. */
const PROBE_BYTES = 8_192;

const channel = await connectPart<DiskHolderConfig>();
const { dir } = channel.config;
const ballast = join(dir, '.larsen-ballast');

async function freeBytes(): Promise<number> {
  const { bavail, bsize } = await statfs(dir);
  return bavail * bsize;
}

/** Leaves room for so many more bytes, to a page. */
async function leave(bytes: number): Promise<void> {
  for (let free = await freeBytes(); free > bytes; free = await freeBytes()) {
    const size = Math.min(CHUNK_BYTES, free - bytes);
    await writeFile(ballast, Buffer.alloc(size), { flag: 'a' }).catch((error: NodeJS.ErrnoException) => {
      // The agent was quicker with what was left.
      if (error.code !== 'ENOSPC') throw error;
    });
    if (size < CHUNK_BYTES) return;
  }
}

/** The code with which a small write fails, null when there is room or it went through. */
async function tryWrite(): Promise<string | null> {
  const file = join(dir, '.larsen-probe');
  try {
    if ((await freeBytes()) >= PROBE_BYTES) return null;
    await writeFile(file, Buffer.alloc(PROBE_BYTES, 1));
    return null;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'EUNKNOWN';
  } finally {
    await rm(file, { force: true }).catch(() => undefined);
  }
}

channel.onCall('leave', (data) => leave((data as { bytes: number }).bytes));
channel.onCall('restore', () => rm(ballast, { force: true }));
channel.onCall('try', () => tryWrite());
channel.ready({});
