// `traefik-json`: Traefik's access log with `format: json`: one object per line, keys in byte order (so capitals
// first), durations in nanoseconds, an empty `msg`, no request headers (they are dropped by default). 700 to 1000 B.

import type { AccessFacts } from './access-facts.ts';
import { type AccessShape, createAccessShape } from './access-shape.ts';

/** Traefik's JSON access log. */
export const traefikJson: AccessShape = createAccessShape({ name: 'traefik-json', formatAccessLine });

function formatAccessLine(facts: AccessFacts): string[] {
  const client = facts.clientHost.includes(':') ? `[${facts.clientHost}]` : facts.clientHost;
  const [requestHost, requestPort] = facts.host.split(':');
  const started = preciseTime(facts.startedAtMs, facts.durationNs);
  return [
    JSON.stringify({
      ClientAddr: `${client}:${facts.clientPort}`,
      ClientHost: facts.clientHost,
      ClientPort: String(facts.clientPort),
      ClientUsername: '-',
      DownstreamContentSize: facts.bytes,
      DownstreamStatus: facts.status,
      Duration: facts.durationNs,
      OriginContentSize: facts.bytes,
      OriginDuration: facts.originDurationNs,
      OriginStatus: facts.status,
      Overhead: facts.durationNs - facts.originDurationNs,
      RequestAddr: facts.host,
      RequestContentSize: 0,
      RequestCount: facts.requestCount,
      RequestHost: requestHost,
      RequestMethod: facts.method,
      RequestPath: facts.path,
      RequestPort: requestPort ?? '-',
      RequestProtocol: 'HTTP/1.1',
      RequestScheme: 'http',
      RetryAttempts: 0,
      RouterName: 'peertube@file',
      ServiceAddr: facts.serviceUrl.replace(/^https?:\/\//, ''),
      ServiceName: 'peertube@file',
      ServiceURL: facts.serviceUrl,
      StartLocal: started,
      StartUTC: started,
      entryPointName: 'web',
      level: 'info',
      msg: '',
      time: `${new Date(facts.startedAtMs + facts.durationNs / 1e6).toISOString().slice(0, 19)}Z`,
    }),
  ];
}

/** `2019-05-12T20:17:03.643123456Z`: the digits below a millisecond are taken from the duration, as any will do. */
function preciseTime(ms: number, ns: number): string {
  return `${new Date(ms).toISOString().slice(0, 23)}${String(ns % 1_000_000).padStart(6, '0')}Z`;
}
