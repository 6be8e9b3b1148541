// A tap in the way of the agent's own output back into the agent: the daemon sends it here, and it is passed on to the
// agent's socket as it is, with back-pressure. What passes is what re-enters, seen and not inferred. It listens only
// from when the agent does, so that a driver finds the socket absent exactly as it would without the tap.

import { chmodSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { countOwnBytes } from './own-output.ts';
import type { RunBed } from './run-bed.ts';

/** A tap. */
export interface SelfTap {
  /** Where the agent's own log driver sends to. */
  readonly url: string;
  /** The agent listens now. */
  listen(): Promise<void>;
  close(): void;
}

/** Prepares a tap in front of the agent's address. */
export function createSelfTap(bed: RunBed, forwardUrl: string): SelfTap {
  const path = join(bed.socketDir, 'self.sock');
  const counted = countOwnBytes(bed, 'reentered');
  const sockets = new Set<Socket>();
  let server: Server | null = null;
  const passOn = (from: Socket): void => {
    const to = connect(addressOf(forwardUrl));
    for (const socket of [from, to]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.once('close', () => {
        sockets.delete(socket);
        from.destroy();
        to.destroy();
      });
    }
    from.on('data', counted.take);
    from.pipe(to).pipe(from);
  };
  return {
    url: `unix://${path}`,
    async listen() {
      if (server) return;
      const opened = createServer(passOn);
      server = opened;
      await new Promise<void>((resolve, reject) => opened.once('error', reject).listen(path, resolve));
      chmodSync(path, 0o777);
    },
    close() {
      counted.stop();
      for (const socket of sockets) socket.destroy();
      server?.close();
    },
  };
}

function addressOf(url: string): { path: string } | { host: string; port: number } {
  if (url.startsWith('unix://')) return { path: url.slice('unix://'.length) };
  const { hostname, port } = new URL(url);
  return { host: hostname, port: Number(port) };
}
