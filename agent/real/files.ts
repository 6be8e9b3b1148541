// The file system by node:fs/promises.

import { mkdir, open, readdir, rename, rm, stat, statfs } from 'node:fs/promises';
import type { FileStat, Files, OpenFile } from '../ports.ts';
import { lockFolder } from './lock.ts';

const FLAGS = { read: 'r', write: 'a+', create: 'wx+' } as const;

/** The real file system. */
export const files: Files = {
  open: async (path, mode) => {
    // `a+` would write at the end whatever the position: it only makes the file, `r+` then writes where it is told.
    if (mode === 'write') await (await open(path, FLAGS.write, 0o640)).close();
    return openFile(path, mode === 'write' ? 'r+' : FLAGS[mode]);
  },
  list: async (folder) => (await readdir(folder)).sort(),
  makeFolder: async (folder) => void (await mkdir(folder, { recursive: true, mode: 0o750 })),
  rename,
  remove: (path) => rm(path),
  stat: async (path) => describe(await stat(path, { bigint: true })),
  syncFolder: async (folder) => {
    const handle = await open(folder, 'r');
    await handle.sync().finally(() => handle.close());
  },
  lock: lockFolder,
  freeBytes: async (folder) => {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  },
};

async function openFile(path: string, flags: string): Promise<OpenFile> {
  const handle = await open(path, flags, 0o640);
  return {
    async write(bytes, position) {
      for (let at = 0; at < bytes.length; )
        at += (await handle.write(bytes, at, bytes.length - at, position + at)).bytesWritten;
    },
    async read(into, position) {
      let at = 0;
      while (at < into.length) {
        const { bytesRead } = await handle.read(into, at, into.length - at, position + at);
        if (bytesRead === 0) break;
        at += bytesRead;
      }
      return at;
    },
    sync: () => handle.datasync(),
    truncate: (bytes) => handle.truncate(bytes),
    stat: async () => describe(await handle.stat({ bigint: true })),
    close: () => handle.close(),
  };
}

function describe(found: { size: bigint; dev: bigint; ino: bigint; mtimeMs: bigint }): FileStat {
  return {
    size: Number(found.size),
    identity: `${found.dev}:${found.ino}`,
    modifiedMs: Number(found.mtimeMs),
  };
}
