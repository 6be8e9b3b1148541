// Free ports of the loopback interface, for what is told on which one to listen.

import { createServer, type Server } from 'node:net';

/** One. */
export async function freePort(): Promise<number> {
  return (await freePorts(1))[0]!;
}

/** Several, all different: opens all before it closes any. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, listen));
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

function listen(): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
}
