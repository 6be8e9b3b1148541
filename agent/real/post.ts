// HTTP POST over connections that are kept open.

import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Net, PostAnswer } from '../ports.ts';

/** An answer says what is wrong within its first bytes; the rest is read and thrown away. */
const BODY_BYTES_KEPT = 16_384;
const BODY_BYTES_MAX = 1_048_576;
/** Shorter than the idle timeouts of servers and proxies, so that a push seldom meets a connection on its way out. */
const IDLE_MS = 4000;

/** Makes a `Net.post` with a connection pool of its own. */
export function createPoster(): Net['post'] {
  const http = new HttpAgent({ keepAlive: true, timeout: IDLE_MS, scheduling: 'lifo' });
  const https = new HttpsAgent({ keepAlive: true, timeout: IDLE_MS, scheduling: 'lifo' });
  return ({ url, headers, body, signal }) =>
    new Promise((resolve, reject) => {
      const isTls = url.startsWith('https:');
      const options = {
        method: 'POST',
        headers: { ...headers, 'Content-Length': body.length },
        agent: isTls ? https : http,
        signal,
      };
      const request = (isTls ? httpsRequest : httpRequest)(url, options);
      request.once('error', reject);
      request.once('response', (response) => {
        readAnswer(response).then((answer) => {
          // Answered before everything was sent: what is still to be sent may be memory that is reused from now on.
          if (!request.writableFinished) request.destroy();
          resolve(answer);
        }, reject);
      });
      request.end(body);
    });
}

function readAnswer(response: IncomingMessage): Promise<PostAnswer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let kept = 0;
    let size = 0;
    response.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (kept < BODY_BYTES_KEPT) chunks.push(chunk.subarray(0, BODY_BYTES_KEPT - kept));
      kept = Math.min(BODY_BYTES_KEPT, size);
      if (size > BODY_BYTES_MAX) response.destroy();
    });
    response.once('error', reject);
    response.once('close', () => {
      if (!response.complete && size <= BODY_BYTES_MAX)
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
