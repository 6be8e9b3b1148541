// Whether a folder's disk is full, asked with a small write of our own: evidence for `disk-full`, on the host or in the
// container that holds the agent's volume.

import { rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Two pages: one may be left over where the agent had written nothing yet. */
const PROBE_BYTES = 8_192;

/** The code with which the write fails, null when there is room (nothing is written then) or it went through. */
export async function tryWrite(folder: string): Promise<string | null> {
  const file = join(folder, '.larsen-probe');
  try {
    if ((await readFreeBytes(folder)) >= PROBE_BYTES) return null;
    await writeFile(file, Buffer.alloc(PROBE_BYTES, 1));
    return null;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'EUNKNOWN';
  } finally {
    await rm(file, { force: true }).catch(() => undefined);
  }
}

/** What can still be written to the file system of a folder. */
export async function readFreeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
