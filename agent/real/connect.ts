// Opens byte streams to receivers. A name is looked up for each connection, so that a receiver that moves is found again.

import { readFileSync } from 'node:fs';
import { connect as connectPlain, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import type { ClientTls, ConnectOptions, Outgoing } from '../ports.ts';

/** See `Net.connect`. */
export function connect(options: ConnectOptions): Promise<Outgoing> {
  const { signal, onRead, onClose } = options;
  return new Promise((resolve, reject) => {
    const socket = open(options);
    let error: Error | undefined;
    const abort = (): void => void socket.destroy(new Error('aborted'));
    socket.once('error', (found) => {
      error = found;
      reject(found);
    });
    socket.once(options.tls === undefined ? 'connect' : 'secureConnect', () => {
      signal.removeEventListener('abort', abort);
      socket.setKeepAlive(true, 30_000);
      resolve({ write: (bytes) => write(socket, bytes), close: () => void socket.destroy() });
    });
    socket.on('data', onRead);
    socket.once('close', () => {
      reject(error ?? new Error('closed'));
      onClose(error);
    });
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort);
  });
}

/** What node:tls wants for these settings. Throws where the file of the authority cannot be read. */
export function tlsOptions(tls: ClientTls | undefined): ConnectionOptions {
  if (tls === undefined) return {};
  return {
    ...(tls.ca === undefined ? {} : { ca: readFileSync(tls.ca) }),
    rejectUnauthorized: !tls.insecureSkipVerify,
  };
}

function open({ url, tls }: ConnectOptions): Socket {
  if (url.startsWith('unix://')) return connectPlain(url.slice('unix://'.length));
  const { hostname, port } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  const where = { host, port: Number(port) };
  return tls === undefined
    ? connectPlain({ ...where, noDelay: true })
    : connectTls({ ...where, servername: /^[\d.:]+$/.test(host) ? '' : host, ...tlsOptions(tls) });
}

function write(socket: Socket, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.write(bytes, (error) => (error ? reject(error) : resolve()));
  });
}
