// The traefik-like app: a reverse proxy with one access-log line per completed request. The line is written after
// the backend has answered and before the client has the end of the answer, under one lock, to a blocking stdout:
//
//   client ──► proxy ──► backend          /ping and accept() live on while the log is blocked,
//          ◄── (end held) ◄──             requests that the backend has answered hang
//                 └─ line ─► write(2)

import type { OutgoingHttpHeaders } from 'node:http';
import { type Dispatcher, Pool } from 'undici';
import { nowNs } from '../core/real-clock.ts';
import { openQueuedLog, openThreadLog } from './access-log.ts';
import { createHeldBody, type HeldBody } from './held-body.ts';
import { type HttpApp, type HttpExchange, startHttpApp } from './http-app.ts';
import { formatRequestId } from './request-id.ts';

/** Traefik's status for a client that went away before the answer. */
const CLIENT_CLOSED = 499;
/** How long the part of an answer that a Go server would send at once may wait for the rest, ms. */
const PARTIAL_AFTER_MS = 5;
const HOP_BY_HOP = ['connection', 'keep-alive', 'transfer-encoding', 'proxy-connection', 'te', 'trailer', 'upgrade'];
/** undici costs a third of node:http's client per request; each connection carries one request at a time, as in Go. */
const pools = new Map<string, Pool>();

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
  const fail = (): void => {
    if (isSettled) return;
    // Half an answer cannot be taken back: the client sees the connection break, as behind Traefik.
    if (response.headersSent) return void settle(502, 0, () => response.destroy());
    response.writeHead(502, { 'content-type': 'text/plain; charset=utf-8' });
    settle(502, 11, () => endResponse(exchange, 'Bad Gateway'));
  };
  let upstream: Dispatcher.DispatchController | null = null;
  let status = 0;
  let bytes = 0;
  let body: HeldBody | null = null;
  askBackend(app, exchange, {
    onRequestStart: (controller) => {
      upstream = controller;
      if (isSettled) controller.abort(new Error('the client went away'));
    },
    onResponseStart: (_, statusCode, headers) => {
      if (statusCode < 200) return;
      status = statusCode;
      body = openBody(exchange, statusCode, headers);
    },
    onResponseData: (_, chunk) => {
      bytes += chunk.length;
      body?.push(chunk);
    },
    onResponseEnd: () => settle(status, bytes, () => endResponse(exchange, body?.rest() ?? '')),
    onResponseError: fail,
  });
  response.on('error', () => undefined);
  response.on('close', () => {
    if (isSettled) return;
    settle(CLIENT_CLOSED, 0, () => undefined);
    upstream?.abort(new Error('the client went away'));
  });
}

function askBackend(
  { channel: { config }, findId, backendUrl }: HttpApp,
  { request, path }: HttpExchange,
  handler: Dispatcher.DispatchHandler,
): void {
  const found = findId(path);
  const inner =
    found && config.backendApp !== null
      ? path.replace(found.id, formatRequestId({ run: config.run, app: config.backendApp, seq: found.seq }))
      : path;
  const headers: OutgoingHttpHeaders = {
    ...withoutHopByHop(request.headers),
    'x-forwarded-for': request.headers['x-forwarded-for'] ?? request.socket.remoteAddress,
  };
  const method = (request.method ?? 'GET') as Dispatcher.HttpMethod;
  const body = method === 'GET' || method === 'HEAD' ? null : request;
  openPool(backendUrl ?? 'http://127.0.0.1:9').dispatch(
    { path: inner, method, headers: headers as Record<string, string>, body },
    handler,
  );
}

function openPool(url: string): Pool {
  const pool = pools.get(url) ?? new Pool(url, { pipelining: 1, keepAliveTimeout: 4_000 });
  pools.set(url, pool);
  return pool;
}

/** Begins the answer to the client: head and body leave as a Go server would let them. */
function openBody({ response }: HttpExchange, status: number, headers: OutgoingHttpHeaders): HeldBody {
  const kept = withoutHopByHop(headers);
  response.writeHead(status, kept);
  // What may leave is collected for a moment: when the line is written by then, the whole answer goes in one write.
  response.cork();
  const partial = setTimeout(() => response.uncork(), PARTIAL_AFTER_MS);
  response.once('prefinish', () => clearTimeout(partial)).once('close', () => clearTimeout(partial));
  let headBytes = 32;
  for (const [name, value] of Object.entries(kept)) headBytes += name.length + String(value).length + 4;
  return createHeldBody({ headBytes, send: (bytes) => void (response.destroyed || response.write(bytes)) });
}

function endResponse({ response }: HttpExchange, rest: Buffer | string): void {
  if (!response.destroyed) response.end(rest);
}

function withoutHopByHop(headers: OutgoingHttpHeaders): OutgoingHttpHeaders {
  const kept: OutgoingHttpHeaders = {};
  for (const [name, value] of Object.entries(headers)) if (!HOP_BY_HOP.includes(name)) kept[name] = value;
  return kept;
}
