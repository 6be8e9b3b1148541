// Listens at a unix socket or a TCP port and reads every connection into one static buffer.
//
// Node can read into memory that the caller owns (`onread`), but offers it only for connections that it opens itself.
// An accepted connection is therefore wrapped a second time around its handle. That handle is not a documented property:
// where it is missing, plain `data` events do the same at a quarter more CPU and 36 MB more memory (measured).

import { chmodSync, existsSync, lstatSync, readFileSync, unlinkSync } from 'node:fs';
import { connect, createServer, type Server, Socket, type SocketConstructorOpts } from 'node:net';
import { dirname } from 'node:path';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { AgentError } from '../errors.ts';
import type { Connection, ConnectionHandler, Listener, ListenOptions, TlsFiles } from '../ports.ts';

const SOCKET_PATH_BYTES_MAX = 107;

/** Starts to listen; see `Net.listen`. */
export async function listen(options: ListenOptions): Promise<Listener> {
  const { url } = options;
  const path = url.startsWith('unix://') ? url.slice('unix://'.length) : undefined;
  if (path !== undefined) await preparePath(path, url);
  const server = createListener(options);
  await start(server, path === undefined ? parseTcp(url) : { path }, url);
  server.on('error', () => {});
  if (path !== undefined && options.socketMode !== undefined) chmodSync(path, options.socketMode);
  const address = server.address();
  return {
    url:
      typeof address === 'object' && address !== null
        ? `tcp://${address.address.includes(':') ? `[${address.address}]` : address.address}:${address.port}`
        : url,
    // The callback of `close` waits for connections; the listening handle and the socket file are gone at once.
    close: async () => {
      server.close();
      if (path !== undefined) unlinkQuietly(path);
    },
  };
}

function createListener(options: ListenOptions): Server {
  const { tls, url } = options;
  if (tls === undefined)
    return createServer({ pauseOnConnect: true, noDelay: true }, (socket) => acceptSocket(socket, options));
  const settings: TlsOptions = {
    ...{ cert: readPem(tls, 'cert', url), key: readPem(tls, 'key', url) },
    ...(tls.clientCa === undefined ? {} : { ca: readPem(tls, 'clientCa', url), requestCert: true }),
    ...{ minVersion: 'TLSv1.2', handshakeTimeout: TLS_HANDSHAKE_MS, noDelay: true },
  };
  try {
    const server = createTlsServer(settings, (socket) => acceptSocket(socket, options));
    // A client that fails to speak TLS is its own trouble; the listener lives on.
    server.on('tlsClientError', () => {});
    return server;
  } catch (error) {
    const why = (error as Error).message;
    throw new AgentError('E_LISTEN', `cannot listen at ${url}: the files of \`tls\` do not go together: ${why}`, {
      cause: error,
    });
  }
}

/** A client that does not finish its TLS handshake in this time is cut off. */
const TLS_HANDSHAKE_MS = 10_000;

function readPem(files: TlsFiles, which: keyof TlsFiles, url: string): Buffer {
  const path = files[which] ?? '';
  try {
    return readFileSync(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'error';
    throw new AgentError('E_LISTEN', `cannot listen at ${url}: \`tls.${which}\` is ${path}: ${code}; give a PEM file`, {
      cause: error,
    });
  }
}

/** Makes sure that a socket can be made at the path. */
export async function preparePath(path: string, url: string): Promise<void> {
  // The system takes 107 bytes; a longer path is cut without a word, and the socket appears somewhere else.
  if (Buffer.byteLength(path) > SOCKET_PATH_BYTES_MAX) {
    throw new AgentError(
      'E_LISTEN',
      `cannot listen at ${url}: a socket path may have at most ${SOCKET_PATH_BYTES_MAX} bytes; choose a shorter one`,
    );
  }
  // The system call's ENOENT reaches us as EACCES, which would send people looking at permissions.
  if (!existsSync(dirname(path)))
    throw new AgentError('E_LISTEN', `cannot listen at ${url}: its directory does not exist; create it`);
  await removeStale(path, url);
}

function parseTcp(url: string): { host: string; port: number } {
  const { hostname, port } = new URL(url);
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) };
}

function start(server: Server, address: { path: string } | { host: string; port: number }, url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(new AgentError('E_LISTEN', `cannot listen at ${url}: ${describeListenError(error)}`, { cause: error }));
    });
    server.listen(address, () => {
      server.removeAllListeners('error');
      resolve();
    });
  });
}

/** What to do about the usual failures. */
export function describeListenError(error: NodeJS.ErrnoException): string {
  if (error.code === 'EADDRINUSE') return 'the address is in use by another process; stop it or choose another address';
  if (error.code === 'EACCES' || error.code === 'EPERM')
    return 'permission denied; run as a user who may create it, or choose another address';
  if (error.code === 'EINVAL' || error.code === 'ERR_SOCKET_BAD_PORT') return 'the address is not valid';
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND') return 'this machine has no such address';
  return error.message;
}

/** Removes a socket file that nobody listens at. A live one is not stolen, and any other file is left alone. */
async function removeStale(path: string, url: string): Promise<void> {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isSocket())
    throw new AgentError(
      'E_LISTEN',
      `cannot listen at ${url}: the path exists and is no socket; remove it or choose another path`,
    );
  if (await isLive(path))
    throw new AgentError(
      'E_LISTEN',
      `cannot listen at ${url}: another process listens there; stop it or choose another path`,
    );
  unlinkQuietly(path);
}

function isLive(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(path);
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'EAGAIN'));
  });
}

function unlinkQuietly(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Gone already, or not ours to remove: listening will say so.
  }
}

interface WithHandle {
  _handle?: object | null;
}

function acceptSocket(accepted: Socket, options: ListenOptions): void {
  // Behind TLS there is no handle to read from.
  const handle = options.tls === undefined ? (accepted as unknown as WithHandle)._handle : undefined;
  let handler: ConnectionHandler | undefined;
  const wrapped = handle !== undefined && handle !== null;
  const socket = wrapped
    ? wrap(accepted, handle, options.readBuffer, (length) => handler?.onRead(length))
    : accepted.on('data', (chunk) => copyIn(chunk, options.readBuffer, (length) => handler?.onRead(length)));
  socket.on('error', () => {});
  socket.once('close', () => handler?.onClose());
  handler = options.accept(asConnection(socket));
  if (handler === undefined) socket.destroy();
  else if (!wrapped && !socket.isPaused()) socket.resume();
}

/** A second socket around the handle of the first, which lets go of it. */
function wrap(accepted: Socket, handle: object, buffer: Uint8Array, onRead: (length: number) => void): Socket {
  (accepted as unknown as WithHandle)._handle = null;
  accepted.destroy();
  const wrapping = {
    handle,
    readable: true,
    writable: true,
    onread: {
      buffer,
      callback: (length: number) => {
        onRead(length);
        return true;
      },
    },
  };
  return new Socket(wrapping as unknown as SocketConstructorOpts);
}

function copyIn(chunk: Buffer, buffer: Uint8Array, onRead: (length: number) => void): void {
  for (let at = 0; at < chunk.length; at += buffer.length) {
    const part = chunk.subarray(at, at + buffer.length);
    buffer.set(part);
    onRead(part.length);
  }
}

function asConnection(socket: Socket): Connection {
  return {
    get unsentBytes() {
      return socket.writableLength;
    },
    write: (bytes) => void socket.write(bytes),
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    close: () => void socket.destroySoon(),
  };
}
