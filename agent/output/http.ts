// What the outputs that speak HTTP have in common: who they are to the far end, one push, and what a status means when the
// protocol on top has nothing better to say.

import type { Output, PushVerdict } from '../model.ts';
import type { ClientTls, Clock, Net, PostAnswer } from '../ports.ts';
import { readFailure } from './failure.ts';
import { parseRetryAfter } from './retry-after.ts';

/** Settings of an output that speaks HTTP, see config/http-output.ts. */
export interface HttpSettings {
  url: string;
  headers: Readonly<Record<string, string>>;
  basicAuth?: { username: string; password: string } | undefined;
  bearerToken?: string | undefined;
  tls?: ClientTls | undefined;
}

/** One kind of push over HTTP. */
export interface HttpPush {
  path: string;
  headers: Readonly<Record<string, string>>;
  /** The body for a sealed batch. */
  encode(sealed: Uint8Array): Uint8Array;
  /** What an answer means; may ask the far end for more. */
  read(answer: PostAnswer, sealed: Uint8Array, signal: AbortSignal): PushVerdict | Promise<PushVerdict>;
  answerBytesMax?: number;
}

/** An output that pushes so. */
export function createHttpOutput(settings: HttpSettings, push: HttpPush, ports: { net: Net; clock: Clock }): Output {
  const url = `${settings.url.replace(/\/+$/, '')}${push.path}`;
  const headers = { ...settings.headers, ...authorize(settings), ...push.headers, 'User-Agent': 'larsen-agent' };
  return {
    async push(sealed, signal) {
      try {
        const { tls } = settings;
        const body = push.encode(sealed);
        const answer = await ports.net.post({ url, tls, headers, body, signal, answerBytesMax: push.answerBytesMax });
        const verdict = await push.read(answer, sealed, signal);
        return { verdict: withRetryAfter(verdict, answer, ports.clock), status: String(answer.status) };
      } catch (error) {
        return readFailure(error, 'no answer', signal);
      }
    },
  };
}

/** Worth trying again. */
export function retry(why: string, throttled = false): PushVerdict {
  return { kind: 'retry', code: 'W_PUSH_RETRY', why, throttled };
}

/** What a status means by itself; `undefined` for a success that is one. */
export function readStatus({ status, contentType }: PostAnswer): PushVerdict | undefined {
  if (status >= 200 && status < 300) {
    if (!contentType.includes('html')) return undefined;
    const why = `an HTML page with status ${status} instead of an answer of the receiver`;
    return { kind: 'blocked', code: 'W_SINK_WRONG', why };
  }
  if (status === 413) return { kind: 'split', why: 'the push is too large (413)' };
  if (status === 400 || status === 422)
    return { kind: 'refused', reason: 'refused', why: `entries refused (${status})` };
  if (status === 429 || status === 408 || status >= 499) {
    const throttled = status === 429;
    return retry(throttled ? 'too many requests (429)' : `status ${status}`, throttled);
  }
  return { kind: 'blocked', code: 'W_SINK_SETTINGS', why: `status ${status}: check the output's url and credentials` };
}

function withRetryAfter(verdict: PushVerdict, answer: PostAnswer, clock: Clock): PushVerdict {
  const afterMs = parseRetryAfter(answer.retryAfter, clock.wallMs());
  return verdict.kind === 'retry' && afterMs !== undefined ? { ...verdict, afterMs } : verdict;
}

function authorize({ basicAuth, bearerToken }: HttpSettings): Record<string, string> {
  if (bearerToken !== undefined) return { Authorization: `Bearer ${bearerToken}` };
  if (basicAuth === undefined) return {};
  const { username, password } = basicAuth;
  return { Authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` };
}
