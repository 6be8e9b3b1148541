// Holds a folder for one process. The lock is a socket in it at which the process listens: the kernel lets go of it however
// the process ends, and it is seen by every process that has the folder, from other containers too. Node has no flock.
//
//   lock.7  dead      Who comes looks at the highest number only. If nobody listens there, it links a socket of its own,
//   lock.8  listens   which listens already, as the next one: only one can. The highest file is never removed, so that a
//                     latecomer, who still thinks of a lower number, sees it after its own link and steps back.

import { link, open, readdir, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { platform } from 'node:process';
import { isLive } from './is-live.ts';

const NAME = /^lock\.(\d+)$/;
/** Each further try means that another process has got on; one of them has the folder then. */
const TRIES = 10;
let made = 0;

/** Holds `folder` until the returned function is called. Rejects with the code ELOCKED while another process holds it. */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const handle = await open(folder, 'r');
  // A socket's path has at most 107 bytes; the way over the open folder is short wherever the folder is.
  const short = platform === 'linux' ? `/proc/self/fd/${handle.fd}` : folder;
  try {
    const server = await hold(short);
    if (server === undefined) throw Object.assign(new Error(`${folder} is in use`), { code: 'ELOCKED' });
    return async () => {
      if (server !== 'cannot') await new Promise((resolve) => server.close(resolve));
      await handle.close();
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Listens as the highest lock of the folder; undefined while another process does. */
async function hold(folder: string): Promise<Server | 'cannot' | undefined> {
  const own = `${folder}/taking-${process.pid}-${made++}`;
  const server = await listen(own);
  if (server === 'cannot') return server;
  try {
    for (let tries = 0; tries < TRIES; tries++) {
      const number = await highest(folder);
      if (number > 0 && (await isLive(`${folder}/lock.${number}`))) break;
      if (await linkAs(own, `${folder}/lock.${number + 1}`)) {
        if ((await highest(folder)) === number + 1) {
          await removeBelow(folder, number + 1);
          return server;
        }
        await rm(`${folder}/lock.${number + 1}`, { force: true });
      }
    }
  } finally {
    await rm(own, { force: true });
  }
  server.close();
  return undefined;
}

async function numbers(folder: string): Promise<number[]> {
  return (await readdir(folder)).flatMap((name) => Number(NAME.exec(name)?.[1] ?? []));
}

async function highest(folder: string): Promise<number> {
  return Math.max(0, ...(await numbers(folder)));
}

async function removeBelow(folder: string, number: number): Promise<void> {
  for (const lower of await numbers(folder)) if (lower < number) await rm(`${folder}/lock.${lower}`, { force: true });
}

/** false: another process was faster. */
async function linkAs(own: string, name: string): Promise<boolean> {
  try {
    await link(own, name);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Where there can be no lock, an agent is better than none: a full disk is to be drained, not every file system knows sockets. */
const CANNOT = ['ENOSPC', 'EDQUOT', 'EOPNOTSUPP', 'ENOTSUP', 'ENOSYS', 'EPERM', 'EINVAL'];

function listen(path: string): Promise<Server | 'cannot'> {
  const server = createServer((socket) => socket.destroy());
  server.unref();
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (CANNOT.includes(error.code ?? '')) resolve('cannot');
      else reject(error);
    });
    server.listen(path, () => {
      server.on('error', () => {});
      resolve(server);
    });
  });
}
