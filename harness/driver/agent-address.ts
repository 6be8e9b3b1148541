// Where the agent listens, and how Docker words it when it does not.

import { HarnessError } from '../core/errors.ts';

/** What fits in the address of a unix socket on Linux, bytes. */
const SOCKET_PATH_MAX = 107;

/** The agent's socket. */
export type AgentAddress = { network: 'unix'; path: string } | { network: 'tcp'; host: string; port: number };

/** The socket of a forward URL. Throws E_DRIVER_ADDRESS when it is none, or a path too long for a socket. */
export function parseAgentAddress(forwardUrl: string): AgentAddress {
  if (forwardUrl.startsWith('unix://')) {
    const path = forwardUrl.slice('unix://'.length);
    const bytes = Buffer.byteLength(path);
    if (bytes <= SOCKET_PATH_MAX) return { network: 'unix', path };
    const text = `The agent's socket path has ${bytes} bytes, and a unix socket takes ${SOCKET_PATH_MAX}: choose a shorter --out or TMPDIR (${path})`;
    throw new HarnessError('E_DRIVER_ADDRESS', text);
  }
  const match = /^tcp:\/\/(.+):(\d+)$/.exec(forwardUrl);
  if (!match)
    throw new HarnessError(
      'E_DRIVER_ADDRESS',
      `Expected a forward URL like unix:///path or tcp://host:port, got ${forwardUrl}`,
    );
  return { network: 'tcp', host: match[1]!, port: Number(match[2]) };
}

const REASONS: Record<string, string> = {
  ENOENT: 'connect: no such file or directory',
  ECONNREFUSED: 'connect: connection refused',
  EACCES: 'connect: permission denied',
  EAGAIN: 'connect: resource temporarily unavailable',
  ECONNRESET: 'connect: connection reset by peer',
  ETIMEDOUT: 'i/o timeout',
};

/** Docker's text for a failed dial. */
export function describeDialError(address: AgentAddress, code: string): string {
  const target = address.network === 'unix' ? address.path : `${address.host}:${address.port}`;
  return `dial ${address.network} ${target}: ${REASONS[code] ?? `connect: ${code}`}`;
}
