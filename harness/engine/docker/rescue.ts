// The rescue: a listener on the agent's socket that takes everything and keeps nothing. A container whose log driver
// waits for an agent that is gone cannot be stopped, killed or removed; with this it can, within a minute.

import { chmodSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';

/** Listens until disposed. A path that cannot be listened on (no folder any more) is let be. */
export async function rescueSocket(path: string): Promise<AsyncDisposable> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    socket.resume();
  });
  rmSync(path, { force: true });
  await new Promise<void>((resolve) => {
    server.once('error', () => resolve());
    server.listen(path, () => {
      chmodSync(path, 0o777);
      resolve();
    });
  });
  return {
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        if (server.listening) server.close(() => resolve());
        else resolve();
      }),
  };
}
