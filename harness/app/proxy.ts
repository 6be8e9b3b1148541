// The traefik-like app: a reverse proxy with one access-log line per completed request. The line is written after
// the backend has answered and before the client has the end of the answer, under one lock, to a blocking stdout:
//
//   client ──► proxy ──► backend          /ping and accept() live on while the log is blocked,
//          ◄── (end held) ◄──             requests that the backend has answered hang
//                 └─ line ─► write(2)

import {
  Agent,
  type ClientRequest,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request as requestHttp,
} from 'node:http';
import { nowNs } from '../core/real-clock.ts';
import { openQueuedLog, openThreadLog } from './access-log.ts';
import { createHeldBody } from './held-body.ts';
import { type HttpApp, type HttpExchange, startHttpApp } from './http-app.ts';
import { formatRequestId } from './request-id.ts';

/** Traefik's status for a client that went away before the answer. */
const CLIENT_CLOSED = 499;
/** How long the part of an answer that a Go server would send at once may wait for the rest, ms. */
const PARTIAL_AFTER_MS = 5;
const HOP_BY_HOP = ['connection', 'keep-alive', 'transfer-encoding', 'proxy-connection', 'te', 'trailer', 'upgrade'];
const agent = new Agent({ keepAlive: true, scheduling: 'lifo' });

await startHttpApp({
  openLog: ({ app }, options) => (app.writes === 'queued' ? openQueuedLog(options) : openThreadLog(options)),
  healthPath: '/ping',
  healthText: 'OK',
  handle,
});

function handle(app: HttpApp, exchange: HttpExchange): void {
  const { response } = exchange;
  const askedNs = nowNs();
  let isSettled = false;
  /** The first of answer, error and client gone decides what is logged. */
  const settle = (status: number, bytes: number, onWritten: () => unknown): void => {
    if (isSettled) return;
    isSettled = true;
    app.log(exchange, { status, bytes, originDurationNs: nowNs() - askedNs }, onWritten);
  };
  const upstream = askBackend(app, exchange);
  const fail = (): void => {
    if (isSettled) return;
    // Half an answer cannot be taken back: the client sees the connection break, as behind Traefik.
    if (response.headersSent) return void settle(502, 0, () => response.destroy());
    response.writeHead(502, { 'content-type': 'text/plain; charset=utf-8' });
    settle(502, 11, () => endResponse(exchange, 'Bad Gateway'));
  };
  upstream.on('error', fail);
  upstream.on('response', (answer) => {
    const body = openBody(exchange, answer);
    let bytes = 0;
    answer.on('error', fail);
    answer.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      body.push(chunk);
    });
    answer.on('end', () => settle(answer.statusCode ?? 0, bytes, () => endResponse(exchange, body.rest())));
  });
  response.on('error', () => undefined);
  response.on('close', () => {
    if (isSettled) return;
    settle(CLIENT_CLOSED, 0, () => undefined);
    upstream.destroy();
  });
}

function askBackend(
  { channel: { config }, findId, backendUrl }: HttpApp,
  { request, path }: HttpExchange,
): ClientRequest {
  const found = findId(path);
  const inner =
    found && config.backendApp !== null
      ? path.replace(found.id, formatRequestId({ run: config.run, app: config.backendApp, seq: found.seq }))
      : path;
  const { hostname, port } = new URL(backendUrl ?? 'http://127.0.0.1:9');
  const headers = {
    ...withoutHopByHop(request.headers),
    'x-forwarded-for': request.headers['x-forwarded-for'] ?? request.socket.remoteAddress,
  };
  const upstream = requestHttp({ agent, hostname, port, method: request.method, path: inner, headers });
  if (request.method === 'GET' || request.method === 'HEAD') upstream.end();
  else request.pipe(upstream);
  return upstream;
}

/** Begins the answer to the client: head and body leave as a Go server would let them. */
function openBody({ response }: HttpExchange, answer: IncomingMessage) {
  response.writeHead(answer.statusCode ?? 502, withoutHopByHop(answer.headers));
  // What may leave is collected for a moment: when the line is written by then, the whole answer goes in one write.
  response.cork();
  const partial = setTimeout(() => response.uncork(), PARTIAL_AFTER_MS);
  response.once('prefinish', () => clearTimeout(partial)).once('close', () => clearTimeout(partial));
  const headBytes = answer.rawHeaders.reduce((sum, text) => sum + text.length + 2, 32);
  return createHeldBody({ headBytes, send: (bytes) => void (response.destroyed || response.write(bytes)) });
}

function endResponse({ response }: HttpExchange, rest: Buffer | string): void {
  if (!response.destroyed) response.end(rest);
}

function withoutHopByHop(headers: OutgoingHttpHeaders | IncomingMessage['headers']): OutgoingHttpHeaders {
  const kept: OutgoingHttpHeaders = {};
  for (const [name, value] of Object.entries(headers)) if (!HOP_BY_HOP.includes(name)) kept[name] = value;
  return kept;
}
