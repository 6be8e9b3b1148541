// One HTTP POST with its whole answer. A connection that fails is an answer with status 0.

import { request } from 'node:http';

/** Posts `body`; resolves to `{ status, message, retryAfter, body }`, never rejects. `agent` as in node:http. */
export function post(url, body, { timeoutMs = 10_000, headers = {}, agent } = {}) {
  return new Promise((resolve) => {
    const failed = (error) => resolve({ status: 0, message: error.message, retryAfter: '', body: '' });
    const options = {
      method: 'POST',
      headers: { 'content-length': body.length, ...headers },
      timeout: timeoutMs,
      agent,
    };
    const call = request(url, options, (answer) => {
      const pieces = [];
      answer.on('data', (piece) => pieces.push(piece));
      answer.on('error', failed);
      answer.on('end', () => {
        const { statusCode: status, statusMessage: message, headers: answered } = answer;
        resolve({ status, message, retryAfter: answered['retry-after'] ?? '', body: Buffer.concat(pieces).toString() });
      });
    });
    call.on('timeout', () => call.destroy(new Error(`no answer within ${timeoutMs} ms`)));
    call.on('error', failed);
    call.end(body);
  });
}
