// What the two http apps share: the server, the shape, the log, `/ping`-like paths that are never logged, stop.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { PartChannel } from '../core/part.ts';
import { createPrng } from '../core/prng.ts';
import { nowNs } from '../core/real-clock.ts';
import type { AccessFacts } from '../load/shape/access-facts.ts';
import { type AccessEntry, type AccessLog, type AccessLogOptions, isWritten } from './access-log.ts';
import { loadAppShape } from './app-shape.ts';
import { type AppPartConfig, connectApp, failPart, startWitness } from './part.ts';
import { createRequestIdFinder } from './request-id.ts';
import { startWarmUpBackend, warmUp } from './warm-up.ts';

/** As Go servers do by default in Traefik: idle connections stay for 3 minutes. */
const KEEP_ALIVE_MS = 180_000;

/** One request on its way. */
export interface HttpExchange {
  request: IncomingMessage;
  response: ServerResponse;
  startedNs: number;
  /** Wall clock, ms. */
  startedAtMs: number;
  path: string;
}

/** A running http app. */
export interface HttpApp {
  channel: PartChannel<AppPartConfig>;
  /** Where a proxy finds its backend now. */
  backendUrl: string | null;
  /** Requests are ours and not to be logged. */
  isWarmingUp: boolean;
  findId: ReturnType<typeof createRequestIdFinder>;
  /** Logs a completed request; `onWritten` as in AccessLog. */
  log(
    exchange: HttpExchange,
    outcome: Pick<AccessFacts, 'status' | 'bytes' | 'originDurationNs'>,
    onWritten: () => void,
  ): void;
}

/** What an http app is made of. */
export interface HttpAppParts {
  openLog(config: AppPartConfig, options: AccessLogOptions): AccessLog;
  /** Paths answered with 200 and this text, and not logged. */
  healthPath: string;
  healthText: string;
  handle(app: HttpApp, exchange: HttpExchange): void;
}

/** Connects, listens on loopback and says ready. */
export async function startHttpApp({ openLog, healthPath, healthText, handle }: HttpAppParts): Promise<void> {
  const channel = await connectApp<AppPartConfig>();
  const { config } = channel;
  const witness = startWitness(channel, { queued: config.app.writes === 'queued' });
  const log = openLog(config, {
    shared: witness.shared,
    onError: (error) => failPart(channel, config.app.name, error),
  });
  const logRequest = await createLogging(config, log);
  const app: HttpApp = {
    channel,
    backendUrl: config.backendUrl,
    isWarmingUp: false,
    findId: createRequestIdFinder({ run: config.run, app: config.app.name }),
    log: (exchange, outcome, onWritten) => logRequest(exchange, outcome, onWritten, app.isWarmingUp),
  };

  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    if (path === healthPath) return void response.end(healthText);
    handle(app, { request, response, path, startedNs: nowNs(), startedAtMs: Date.now() });
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  await new Promise<void>((resolve, reject) =>
    server.once('error', reject).listen(config.listenPort ?? 0, config.listenHost ?? '127.0.0.1', resolve),
  );

  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await warmUpApp(app, url);

  channel.onCall('load-start', () => undefined);
  channel.onCall('stop', ({ withinMs }: { withinMs: number }) => {
    server.close();
    return witness.settle({ withinMs, isDone: () => log.isIdle() && isWritten(witness.shared), halt: log.halt });
  });
  channel.ready({ url });
}

/** Nobody knows the app before it is ready, so all requests until then are those of the warm-up. */
async function warmUpApp(app: HttpApp, url: string): Promise<void> {
  await using backend = await startWarmUpBackend();
  const { backendUrl } = app;
  app.backendUrl = backend.url;
  app.isWarmingUp = true;
  await warmUp(url);
  app.isWarmingUp = false;
  app.backendUrl = backendUrl;
}

type LogRequest = (...parameters: [...Parameters<HttpApp['log']>, isWarmingUp: boolean]) => void;

async function createLogging(config: AppPartConfig, log: AccessLog): Promise<LogRequest> {
  const random = createPrng(config.seed).fork(`lines/${config.app.name}`).next;
  const shape = await loadAppShape({ name: config.shape, module: config.shapeModule, random });
  const findId = createRequestIdFinder({ run: config.run, app: config.app.name });
  const serviceUrl = config.backendApp === null ? `http://${config.app.name}` : `http://${config.backendApp}:9000`;
  let requestCount = 0;
  return (exchange, outcome, onWritten, isWarmingUp) => {
    if (!isWarmingUp) requestCount++;
    const found = findId(exchange.path);
    const facts = {
      ...describeRequest(exchange),
      ...outcome,
      durationNs: nowNs() - exchange.startedNs,
      requestCount,
      serviceUrl,
    };
    const entry: AccessEntry = {
      seq: found?.seq ?? -1,
      id: found?.id ?? null,
      lines: shape.formatAccess(facts, found?.id ?? null),
    };
    if (isWarmingUp) onWritten();
    else log.write(entry, onWritten);
  };
}

function describeRequest({ request, startedAtMs, path }: HttpExchange) {
  const { headers, socket, method } = request;
  const forwardedFor = headers['x-forwarded-for'];
  return {
    startedAtMs,
    clientHost: (Array.isArray(forwardedFor) ? forwardedFor[0] : forwardedFor) ?? socket.remoteAddress ?? '-',
    clientPort: socket.remotePort ?? 0,
    host: headers.host ?? '-',
    method: method ?? 'GET',
    path,
    referer: headers.referer ?? null,
    userAgent: headers['user-agent'] ?? null,
    doNotTrack: headers.dnt === '1',
  };
}
