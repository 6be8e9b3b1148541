// The recorder's way to what stands behind it: requests with the same method, path, headers and bytes, over
// connections that are kept. Only what belongs to a connection itself is left out.

import * as http from 'node:http';
import * as https from 'node:https';

/** One upstream. */
export interface Upstream {
  /** Starts a request like `incoming`; the caller writes the body and ends it. */
  request(incoming: http.IncomingMessage): http.ClientRequest;
  close(): void;
}

const OF_THE_CONNECTION = new Set(['connection', 'keep-alive', 'proxy-connection', 'expect']);
/** Idle connections are closed before any sink closes them, so that a reuse never meets a reset. */
const IDLE_MS = 30_000;

/** An upstream at a base URL. */
export function createUpstream(baseUrl: string): Upstream {
  const base = new URL(baseUrl);
  const { request, Agent } = base.protocol === 'https:' ? https : http;
  const agent = new Agent({ keepAlive: true, timeout: IDLE_MS });
  const prefix = base.pathname.replace(/\/$/, '');
  return {
    request: (incoming) =>
      request({
        agent,
        protocol: base.protocol,
        hostname: base.hostname,
        port: base.port,
        method: incoming.method ?? 'GET',
        path: `${prefix}${incoming.url ?? '/'}`,
        headers: passedHeaders(incoming.rawHeaders) as unknown as http.OutgoingHttpHeaders,
        setHost: false,
      }),
    close: () => agent.destroy(),
  };
}

/** Names and values in turn, in order and spelling as they came. */
export function passedHeaders(rawHeaders: readonly string[]): string[] {
  const passed: string[] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    if (!OF_THE_CONNECTION.has(rawHeaders[index]!.toLowerCase()))
      passed.push(rawHeaders[index]!, rawHeaders[index + 1]!);
  }
  return passed;
}
