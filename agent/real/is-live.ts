// Whether a process listens at a unix socket: its file outlives the process that made it.

import { connect } from 'node:net';

/** Connects and says whether somebody answered. A listener whose queue of connections is full lives too. */
export function isLive(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(path);
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'EAGAIN'));
  });
}
