// Whether an agent or an app listens.

import { connect } from 'node:net';

/** Whether something accepts connections at a `unix://` or `tcp://` address. */
export function accepts(url: string): Promise<boolean> {
  const target = url.startsWith('unix://')
    ? { path: url.slice('unix://'.length) }
    : { host: new URL(url).hostname, port: Number(new URL(url).port) };
  return new Promise((resolve) => {
    const socket = connect(target as never);
    const finish = (accepted: boolean): void => {
      socket.destroy();
      resolve(accepted);
    };
    socket.setTimeout(1_000, () => finish(false));
    socket.once('connect', () => finish(true));
    socket.once('error', () => finish(false));
  });
}
