// HTTP POST over connections that are kept open.

import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { ClientTls, Net, PostAnswer } from '../ports.ts';
import { tlsOptions } from './connect.ts';

/** An answer says what is wrong within its first bytes; the rest is read and thrown away. */
const BODY_BYTES_KEPT = 16_384;
const BODY_BYTES_MAX = 1_048_576;
/** Shorter than the idle timeouts of servers and proxies, so that a push seldom meets a connection on its way out. */
const IDLE_MS = 4000;
/** A connection that is always busy would go to the old address for ever when the name moves to another. */
const AGE_MS_MAX = 120_000;

/** Makes a `Net.post` with a connection pool of its own. The name is looked up for each new connection. */
export function createPoster(ageMsMax = AGE_MS_MAX): Net['post'] {
  const kept = { keepAlive: true, timeout: IDLE_MS, scheduling: 'lifo' } as const;
  const born = new WeakMap<object, number>();
  const limitAge = <Pool extends HttpAgent>(pool: Pool): Pool => {
    const keepAlive = pool.keepSocketAlive.bind(pool);
    pool.keepSocketAlive = (socket) =>
      performance.now() - (born.get(socket) ?? 0) < ageMsMax && (keepAlive(socket) as unknown) !== false;
    return pool;
  };
  const http = limitAge(new HttpAgent(kept));
  const https = new Map<string, HttpsAgent>();
  const agentFor = (tls: ClientTls | undefined): HttpsAgent => {
    const key = JSON.stringify(tls ?? {});
    const agent = https.get(key) ?? limitAge(new HttpsAgent({ ...kept, ...tlsOptions(tls) }));
    https.set(key, agent);
    return agent;
  };
  return ({ url, tls, headers, body, signal, answerBytesMax = BODY_BYTES_KEPT }) =>
    new Promise((resolve, reject) => {
      const isTls = url.startsWith('https:');
      const options = {
        method: 'POST',
        headers: { ...headers, 'Content-Length': body.length },
        agent: isTls ? agentFor(tls) : http,
        signal,
      };
      const request = (isTls ? httpsRequest : httpRequest)(url, options);
      request.once('error', reject);
      request.once('socket', (socket) => {
        if (!born.has(socket)) born.set(socket, performance.now());
      });
      request.once('response', (response) => {
        readAnswer(response, answerBytesMax).then((answer) => {
          // Answered before everything was sent: what is still to be sent may be memory that is reused from now on.
          if (!request.writableFinished) request.destroy();
          resolve(answer);
        }, reject);
      });
      request.end(body);
    });
}

function readAnswer(response: IncomingMessage, keptMax: number): Promise<PostAnswer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const sizeMax = Math.max(BODY_BYTES_MAX, keptMax);
    let kept = 0;
    let size = 0;
    response.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (kept < keptMax) chunks.push(chunk.subarray(0, keptMax - kept));
      kept = Math.min(keptMax, size);
      if (size > sizeMax) response.destroy();
    });
    response.once('error', reject);
    response.once('close', () => {
      if (!response.complete && size <= sizeMax)
        return reject(Object.assign(new Error('the answer was cut short'), { code: 'ECONNRESET' }));
      resolve({
        status: response.statusCode ?? 0,
        contentType: response.headers['content-type'] ?? '',
        retryAfter: response.headers['retry-after'] ?? '',
        body: Buffer.concat(chunks).toString('utf8'),
      });
    });
  });
}
