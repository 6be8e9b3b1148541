// The socket in front of the embedded Loki: collects a body, asks the core, writes the answer. Bodies are bounded;
// idle connections are kept as long as real Loki keeps them, so that a client's reuse never meets a closing socket.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { LokiCore } from './core.ts';

const BODY_MAX_BYTES = 268_435_456;
const IDLE_MS = 120_000;
/** `server.http_server_read_timeout` and `_write_timeout`: an upload or an answer that takes longer is cut off. */
const TRANSFER_MS = 30_000;

/** A listening sink. */
export interface HttpShell extends AsyncDisposable {
  url: string;
}

/** Serves `core` on 127.0.0.1:`port` (0: any free one). `wallNs` is the wall clock; `transferMs` is 30 s in Loki. */
export async function serveLoki(
  core: LokiCore,
  { port, wallNs, transferMs = TRANSFER_MS }: { port: number; wallNs: () => bigint; transferMs?: number },
): Promise<HttpShell> {
  const server = createServer({ keepAliveTimeout: IDLE_MS, requestTimeout: 0 }, (request, response) => {
    // Without a word, as Go's server does: once for the upload, then anew for the answer.
    const cutOff = setTimeout(() => request.socket.destroy(), transferMs).unref();
    response.once('close', () => clearTimeout(cutOff));
    collectBody(request, (body) => {
      cutOff.refresh();
      if (body === null) return void response.writeHead(413, { connection: 'close' }).end('request body too large\n');
      const { method = 'GET', url: path = '/', headers } = request;
      const answer = core.handle({ method, path, headers, body, nowNs: wallNs() });
      respond(response, answer);
    });
  });
  await listen(server, port);
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${bound}`,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve());
  });
}

/** Calls `done` once with the whole body, or with null when it is longer than we take. */
function collectBody(request: IncomingMessage, done: (body: Buffer | null) => void): void {
  const chunks: Buffer[] = [];
  let size = 0;
  request.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= BODY_MAX_BYTES) chunks.push(chunk);
    else chunks.length = 0;
  });
  request.on('end', () =>
    done(size > BODY_MAX_BYTES ? null : chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)),
  );
  request.on('error', () => undefined);
}

function respond(
  response: ServerResponse,
  { status, headers, body, bytes: binary }: ReturnType<LokiCore['handle']>,
): void {
  if (status === 204) return void response.writeHead(204).end();
  const bytes = binary ?? Buffer.from(body);
  response.writeHead(status, { ...headers, 'content-length': bytes.length }).end(bytes);
}
