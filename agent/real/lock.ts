// Holds a folder for one process. The lock is a socket in it at which the process listens: the kernel lets go of it however
// the process ends, and it is seen by every process that has the folder, from other containers too. Node has no flock.

import { open, rename, rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { platform } from 'node:process';

/** Holds `folder` until the returned function is called. Rejects with the code ELOCKED while another process holds it. */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const handle = await open(folder, 'r');
  // A socket's path has at most 107 bytes; the way over the open folder is short wherever the folder is.
  const path = platform === 'linux' ? `/proc/self/fd/${handle.fd}/lock` : `${folder}/lock`;
  try {
    const server = (await listen(path)) ?? ((await isFree(path)) ? await listen(path) : undefined);
    if (server === 'cannot') return () => handle.close();
    if (server === undefined) throw Object.assign(new Error(`${folder} is in use`), { code: 'ELOCKED' });
    return async () => {
      await new Promise((resolve) => server.close(resolve));
      await handle.close();
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Where there can be no lock, an agent is better than none: a full disk is to be drained, not every file system knows sockets. */
const CANNOT = ['ENOSPC', 'EDQUOT', 'EOPNOTSUPP', 'ENOTSUP', 'ENOSYS', 'EPERM', 'EINVAL'];

/** `undefined` if there is a socket already, of a process that lives or does not. */
function listen(path: string): Promise<Server | 'cannot' | undefined> {
  const server = createServer((socket) => socket.destroy());
  server.unref();
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined);
      else if (CANNOT.includes(error.code ?? '')) resolve('cannot');
      else reject(error);
    });
    server.listen(path, () => {
      server.on('error', () => {});
      resolve(server);
    });
  });
}

/** Takes away the socket of a process that is gone; false if it lives. */
async function isFree(path: string): Promise<boolean> {
  if (await isAlive(path)) return false;
  // Another process may look at the same time and be faster: what was moved away is looked at once more.
  const aside = `${path}.${process.pid}`;
  await rename(path, aside).catch(() => {});
  if (await isAlive(aside)) {
    await rename(aside, path);
    return false;
  }
  await rm(aside, { force: true });
  return true;
}

function isAlive(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(path);
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'EAGAIN'));
  });
}
