// Runs an http app's own code before it says ready: a fresh Node serves a third of what it serves a second later, and
// since its event loop accepts one connection per turn, a spike that finds it cold leaves connections unaccepted
// for seconds (measured: 1,000 requests/s from the first instant, 3 % unanswered after 2 s). A compiled proxy has no
// such phase. Nothing of this is logged, nor does it leave the process.

import { Agent, createServer, get, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { nowNs } from '../core/real-clock.ts';

const REQUESTS = 1_500;
const CONNECTIONS = 8;
const WITHIN_MS = 1_000;
const BODY = Buffer.alloc(16_384, 0x5a);

/** Asks `url` for 1,500 answers over 8 connections, for at most a second. Failures are left to the load to find. */
export async function warmUp(url: string): Promise<void> {
  const agent = new Agent({ keepAlive: true });
  const deadlineNs = nowNs() + WITHIN_MS * 1e6;
  let left = REQUESTS;
  const run = async (): Promise<void> => {
    while (left-- > 0 && nowNs() < deadlineNs) await ask(`${url}/static/warm-up-360.mp4`, agent);
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, run));
  agent.destroy();
}

/** A backend that answers as a media app does, for the warm-up of a proxy. */
export async function startWarmUpBackend(): Promise<AsyncDisposable & { url: string }> {
  const server: Server = createServer((_, response) =>
    response.writeHead(206, { 'content-type': 'video/mp4', 'content-length': BODY.length }).end(BODY),
  );
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function ask(url: string, agent: Agent): Promise<void> {
  return new Promise((resolve) => {
    const request = get(url, { agent, headers: { range: 'bytes=0-16383', dnt: '1' }, timeout: WITHIN_MS }, (answer) =>
      answer.resume().once('close', resolve),
    );
    request.once('error', () => resolve()).once('timeout', () => request.destroy());
  });
}
