// `traefik-clf`: the access log that Traefik writes by default (`format: common`), with referer and user agent
// kept as Traefik 1.7 did and as `fields.headers.names` does today. Times are UTC, the duration in whole ms.

import { type AccessFacts, formatClfTime } from './access-facts.ts';
import { type AccessShape, createAccessShape } from './access-shape.ts';

/** Traefik's common log format. */
export const traefikClf: AccessShape = createAccessShape({ name: 'traefik-clf', formatAccessLine });

function formatAccessLine(facts: AccessFacts): string[] {
  const request = `"${facts.method} ${facts.path} HTTP/1.1" ${facts.status} ${facts.bytes}`;
  const headers = `"${facts.referer ?? '-'}" "${facts.userAgent ?? '-'}"`;
  const route = `${facts.requestCount} "peertube@file" "${facts.serviceUrl}" ${Math.floor(facts.durationNs / 1e6)}ms`;
  return [`${facts.clientHost} - - [${formatClfTime(facts.startedAtMs)}] ${request} ${headers} ${route}`];
}
