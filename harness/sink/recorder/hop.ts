// One listening hop: a transparent reverse proxy. Pushes are recorded, everything else (queries, readiness) is piped
// through untouched. It can be closed, so that connections are refused, and opened again at the same port.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { pipeline } from 'node:stream';
import { createExchange, type Exchange, type ExchangeContext } from './exchange.ts';
import type { RecorderHop } from './part.ts';
import type { Rules } from './rules.ts';
import { createUpstream, passedHeaders, type Upstream } from './upstream.ts';

/** An open or closed hop. */
export interface Hop {
  readonly name: RecorderHop['name'];
  /** Base URL; the port stays the same over stop and start. */
  readonly url: string;
  start(): Promise<void>;
  /** Refuses connections from now on and cuts those that are open. `fault`: recorded with the pushes it cuts. */
  stop(fault?: string): Promise<void>;
  /** Waits for the pushes under way until `delay` is over, then writes down the rest as not answered. */
  finish(delay: Promise<void>): Promise<void>;
}

/** What the hops of one recorder share. */
export type HopContext = Pick<ExchangeContext, 'scanner' | 'log' | 'wrapper'> & { rules: Rules };

const IDLE_MS = 120_000;
const QUERY_PATH = /^\/(?:loki\/api\/v1|api\/prom)\/(?!push(?:$|\?))/;

/** Opens a hop. */
export async function openHop(
  { name, upstreamUrl, port, host = '127.0.0.1' }: RecorderHop,
  context: HopContext,
): Promise<Hop> {
  const upstream = createUpstream(upstreamUrl);
  const underWay = new Set<Exchange>();
  const sockets = new Set<Socket>();
  let pushes = 0;
  let closedBy: string | undefined;
  let server: Server | null = null;
  let bound = port;

  const receive = (request: IncomingMessage, response: ServerResponse): void => {
    if (request.method !== 'POST' || QUERY_PATH.test(request.url ?? '')) {
      passThrough(upstream, request, response);
      return;
    }
    const rule = context.rules.match(name);
    const exchange = createExchange(
      { ...context, hop: name, upstream, closedBy: () => closedBy },
      { request, response, rule, push: ++pushes },
    );
    underWay.add(exchange);
    void exchange.settled.then(() => underWay.delete(exchange));
  };

  const start = async (): Promise<void> => {
    if (server) return;
    closedBy = undefined;
    server = createServer({ keepAliveTimeout: IDLE_MS, requestTimeout: 0 }, receive);
    server.on('connection', (socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
    });
    bound = await listen(server, { host, port: bound });
  };
  await start();

  return {
    name,
    get url() {
      return `http://127.0.0.1:${bound}`;
    },
    start,
    async stop(fault) {
      const closing = server;
      if (!closing) return;
      server = null;
      closedBy = fault;
      const closed = new Promise<void>((resolve) => {
        closing.close(() => resolve());
      });
      for (const socket of sockets) socket.resetAndDestroy();
      await closed;
    },
    async finish(delay) {
      await Promise.race([Promise.all([...underWay].map(({ settled }) => settled)), delay]);
      for (const exchange of underWay) exchange.giveUp();
    },
  };
}

function listen(server: Server, at: { host: string; port: number }): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(at, () => resolve((server.address() as AddressInfo).port));
  });
}

/** Both directions streamed with back-pressure; a failure of one side cuts the other. */
function passThrough(upstream: Upstream, request: IncomingMessage, response: ServerResponse): void {
  const outgoing = upstream.request(request);
  outgoing.on('error', () => response.destroy());
  response.on('close', () => {
    if (!response.writableFinished) outgoing.destroy();
  });
  outgoing.on('response', (answer) => {
    response.sendDate = false;
    response.writeHead(answer.statusCode ?? 502, answer.statusMessage ?? '', passedHeaders(answer.rawHeaders));
    pipeline(answer, response, () => undefined);
  });
  request.pipe(outgoing);
}
