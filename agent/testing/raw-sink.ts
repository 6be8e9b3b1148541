// An HTTP receiver on real sockets that misbehaves where a web server would not: it answers half, resets, drips, and says
// nothing. A script decides for each request.

import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { readLines } from './read-push.ts';

/** A complete request, and what can be done with it. */
export interface RawRequest {
  /** Counts requests, from 0. */
  n: number;
  /** Counts connections, from 0: that of this request. */
  connection: number;
  socket: Socket;
  /** Stores its lines and answers 204. */
  accept(): void;
  /** Stores its lines, and answers nothing. */
  store(): void;
}

/** See the file's comment. */
export async function openRawSink(
  script: (request: RawRequest) => void,
  options: { host?: string; port?: number; tls?: TlsOptions } = {},
) {
  const state = { stored: [] as string[], requests: 0, connections: 0, atMs: [] as number[] };
  const sockets = new Set<Socket>();
  const serve = (socket: Socket): void => {
    const connection = state.connections++;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    let bytes = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      for (;;) {
        const end = bytes.indexOf('\r\n\r\n');
        const length = Number(/content-length: (\d+)/i.exec(bytes.subarray(0, Math.max(0, end)).toString())?.[1]);
        if (end < 0 || bytes.length < end + 4 + length) return;
        const body = bytes.subarray(end + 4, end + 4 + length);
        bytes = bytes.subarray(end + 4 + length);
        const store = (): void => void state.stored.push(...readLines(body));
        state.atMs.push(performance.now());
        script({
          ...{ n: state.requests++, connection, socket, store },
          accept() {
            store();
            socket.write('HTTP/1.1 204 No Content\r\n\r\n');
          },
        });
      }
    });
  };
  const server: Server = options.tls === undefined ? createServer(serve) : createTlsServer(options.tls, serve);
  const { host = '127.0.0.1', port = 0 } = options;
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
  return {
    state,
    port: (server.address() as { port: number }).port,
    /** Closes the door and all connections. */
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
