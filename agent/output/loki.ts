// The Loki output: pushes protobuf in snappy's block format to <url>/loki/api/v1/push.

import type { Output, PushVerdict } from '../model.ts';
import type { Clock, Net } from '../ports.ts';
import { readLokiAnswer } from './loki-answer.ts';
import { parseRetryAfter } from './retry-after.ts';

/** Settings of a Loki output, see config/schema.ts. */
export interface LokiSettings {
  url: string;
  tenant?: string | undefined;
  headers: Readonly<Record<string, string>>;
}

/** Creates the output. */
export function createLokiOutput(settings: LokiSettings, ports: { net: Net; clock: Clock }): Output {
  const url = `${settings.url.replace(/\/+$/, '')}/loki/api/v1/push`;
  const headers = {
    ...settings.headers,
    ...(settings.tenant === undefined ? {} : { 'X-Scope-OrgID': settings.tenant }),
    'Content-Type': 'application/x-protobuf',
    'Content-Encoding': 'snappy',
    'User-Agent': 'larsen-agent',
  };
  return {
    async push(body, signal) {
      try {
        const answer = await ports.net.post({ url, headers, body, signal });
        const verdict = readLokiAnswer(answer, parseRetryAfter(answer.retryAfter, ports.clock.wallMs()));
        return { verdict, status: String(answer.status) };
      } catch (error) {
        const status = signal.aborted ? 'timeout' : describeFailure(error);
        const verdict: PushVerdict = {
          kind: 'retry',
          code: 'W_PUSH_RETRY',
          why: `no answer: ${status}`,
          throttled: false,
        };
        return { verdict, status };
      }
    },
  };
}

/** The system's name of the failure (ECONNREFUSED): short, and from a small set, so that it can be a label. */
function describeFailure(error: unknown): string {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' && /^[A-Z_0-9]{1,40}$/.test(code) ? code : 'error';
}
