// One connection attempt, to see whether somebody listens.

import { connect } from 'node:net';

const ATTEMPT_MS = 1_000;

/** Tries to connect to the host and port of `url`; resolves to '' when accepted, else to the error's code. */
export function connectTo(url: string): Promise<string> {
  const { hostname, port, protocol } = new URL(url);
  const defaultPort = protocol === 'https:' ? 443 : 80;
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port || defaultPort), timeout: ATTEMPT_MS });
    const end = (code: string): void => {
      socket.destroy();
      resolve(code);
    };
    socket.once('connect', () => end(''));
    socket.once('timeout', () => end('ETIMEDOUT'));
    socket.once('error', (error: NodeJS.ErrnoException) => end(error.code ?? 'EUNKNOWN'));
  });
}
