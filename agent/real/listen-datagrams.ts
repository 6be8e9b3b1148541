// Listens for datagrams: UDP by Node, a unix datagram socket by the optional package unix-dgram, since Node has none.

import { createSocket } from 'node:dgram';
import { unlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { AgentError } from '../errors.ts';
import type { DatagramOptions, Listener } from '../ports.ts';
import { describeListenError, preparePath } from './listen.ts';
import { makeSocketFile } from './socket-file.ts';

/** Bursts wait in the kernel while the agent is busy; the system may grant less. */
const RECEIVE_BYTES = 4 * 1_048_576;

/** Starts to listen; see `Net.listenDatagrams`. */
export function listenDatagrams(options: DatagramOptions): Promise<Listener> {
  return options.url.startsWith('unixgram://') ? listenUnix(options) : listenUdp(options);
}

function listenUdp({ url, take }: DatagramOptions): Promise<Listener> {
  const { hostname, port } = new URL(url.replace(/^udp:/, 'tcp:'));
  const host = hostname.replace(/^\[|\]$/g, '');
  const socket = createSocket({ type: host.includes(':') ? 'udp6' : 'udp4' });
  socket.on('message', (bytes, from) => take(bytes, (answer) => socket.send(answer, from.port, from.address)));
  return new Promise((resolve, reject) => {
    socket.once('error', (error: NodeJS.ErrnoException) => reject(listenError(url, error)));
    socket.bind({ port: Number(port), address: host }, () => {
      socket.removeAllListeners('error');
      // Such as an ICMP answer to a reply: nothing that concerns the next datagram.
      socket.on('error', () => {});
      try {
        socket.setRecvBufferSize(RECEIVE_BYTES);
      } catch {
        // What the system grants without asking is what there is.
      }
      const { address, port: bound } = socket.address();
      const shown = address.includes(':') ? `[${address}]` : address;
      resolve({ url: `udp://${shown}:${bound}`, close: async () => void socket.close() });
    });
  });
}

interface UnixSocket {
  on(event: 'error', run: (error: Error) => void): void;
  bind(path: string): void;
  close(): void;
}

async function listenUnix({ url, socketMode, take }: DatagramOptions): Promise<Listener> {
  const path = url.slice('unixgram://'.length);
  const unix = loadUnixDatagrams(url);
  await preparePath(path, url);
  const socket = unix.createSocket('unix_dgram', (bytes) => take(bytes, () => {}));
  const bind = (): Promise<void> =>
    new Promise((resolve, reject) => {
      socket.on('error', (error) => reject(listenError(url, error)));
      socket.bind(path);
      resolve();
    });
  await makeSocketFile(path, socketMode, bind);
  socket.on('error', () => {});
  return {
    url,
    close: async () => {
      socket.close();
      try {
        unlinkSync(path);
      } catch {
        // Gone already.
      }
    },
  };
}

function loadUnixDatagrams(url: string): { createSocket(type: string, take: (bytes: Uint8Array) => void): UnixSocket } {
  try {
    return createRequire(import.meta.url)('unix-dgram');
  } catch (error) {
    throw new AgentError(
      'E_LISTEN',
      `cannot listen at ${url}: unix datagram sockets need the package unix-dgram, which is not installed here; install a C++ compiler and run \`npm install unix-dgram\`, or use unix:// or udp://`,
      { cause: error },
    );
  }
}

function listenError(url: string, error: NodeJS.ErrnoException): AgentError {
  return new AgentError('E_LISTEN', `cannot listen at ${url}: ${describeListenError(error)}`, { cause: error });
}
