// Listens at a unix socket or a TCP port and reads every connection into one static buffer.
//
// Node can read into memory that the caller owns (`onread`), but offers it only for connections that it opens itself.
// An accepted connection is therefore wrapped a second time around its handle. That handle is not a documented property:
// where it is missing, plain `data` events do the same at a quarter more CPU and 36 MB more memory (measured).

import { existsSync, lstatSync, readFileSync, unlinkSync } from 'node:fs';
import { createServer, type Server, Socket, type SocketConstructorOpts } from 'node:net';
import { dirname } from 'node:path';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { AgentError, systemCodeOf } from '../errors.ts';
import type { Connection, ConnectionHandler, Listener, ListenOptions, TlsFiles } from '../ports.ts';
import { isLive } from './is-live.ts';
import { makeSocketFile } from './socket-file.ts';

const SOCKET_PATH_BYTES_MAX = 107;

/** Starts to listen; see `Net.listen`. */
export async function listen(options: ListenOptions): Promise<Listener> {
  const { url } = options;
  const path = url.startsWith('unix://') ? url.slice('unix://'.length) : undefined;
  if (path !== undefined) await preparePath(path, url);
  const server = createListener(options);
  if (path === undefined) await start(server, parseTcp(url), url);
  else await makeSocketFile(path, options.socketMode, () => start(server, { path }, url));
  server.on('error', () => {});
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
    const code = systemCodeOf(error);
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
  const pauses: Pauses = { isPaused: false, isResting: false, lastReadMs: 0, smallReads: 0 };
  const socket = wrapped
    ? wrap(accepted, handle, options.readBuffer, (length) => {
        handler?.onRead(length);
        restAfter(length, socket, pauses);
      })
    : accepted.on('data', (chunk) => copyIn(chunk, options.readBuffer, (length) => handler?.onRead(length)));
  socket.on('error', () => {});
  socket.once('close', () => handler?.onClose());
  handler = options.accept(asConnection(socket, pauses));
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

/** Why a socket is not read at present. */
interface Pauses {
  /** The agent asked for it. */
  isPaused: boolean;
  /** It has just been read, and there was little. */
  isResting: boolean;
  lastReadMs: number;
  /** Small reads since the sender last fell silent. */
  smallReads: number;
}

/**
 * A sender that writes each record by itself wakes a fast reader for each. So many reads below this size, without a silence
 * in between, and each is followed by a rest in which more gathers in the kernel. Measured: 40 % more records per CPU-second
 * from a sender that never stops; for bursts a rest costs more than it saves, so these are over before the first one.
 */
const REST_AFTER_READS = 200;
const REST_BYTES = 8192;
const SILENCE_MS = 4;
const REST_MS = 1;

let resting: (() => void)[] = [];

function restAfter(length: number, socket: Socket, pauses: Pauses): void {
  const now = performance.now();
  if (now - pauses.lastReadMs > SILENCE_MS) pauses.smallReads = 0;
  pauses.lastReadMs = now;
  if (length >= REST_BYTES) return;
  pauses.smallReads++;
  if (pauses.smallReads < REST_AFTER_READS || pauses.isPaused || socket.destroyed) return;
  pauses.isResting = true;
  socket.pause();
  resting.push(() => {
    pauses.isResting = false;
    if (!pauses.isPaused) socket.resume();
  });
  // One timer wakes all that rest.
  if (resting.length > 1) return;
  setTimeout(() => {
    const all = resting;
    resting = [];
    for (const wake of all) wake();
  }, REST_MS);
}

function asConnection(socket: Socket, pauses: Pauses): Connection {
  return {
    get unsentBytes() {
      return socket.writableLength;
    },
    write: (bytes) => void socket.write(bytes),
    pause: () => {
      pauses.isPaused = true;
      socket.pause();
    },
    resume: () => {
      pauses.isPaused = false;
      if (!pauses.isResting) socket.resume();
    },
    close: () => void socket.destroySoon(),
  };
}
