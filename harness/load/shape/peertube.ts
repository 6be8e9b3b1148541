// `peertube`: what PeerTube prints to a stdout that is no terminal: text, no colour, one line per request. Also
// the pieces that its form of 2019 shares: the label, the time of the container, morgan's combined format.

import { type AccessFacts, formatClfTime } from './access-facts.ts';
import { type AccessShape, createAccessShape } from './access-shape.ts';

/** Today's PeerTube. */
export const peertube: AccessShape = createAccessShape({
  name: 'peertube',
  formatAccessLine: (facts) => [formatPeertubeLine(facts, 'info')],
});

/** `[label] time level: message`; `level` as it is to be printed, with its colour where it has one. */
export function formatPeertubeLine(facts: AccessFacts, level: string): string {
  const time = new Date(facts.startedAtMs + facts.durationNs / 1e6).toISOString().slice(0, 23).replace('T', ' ');
  return `[video.example.net:443] ${time} ${level}: ${formatCombined(facts)}`;
}

/** morgan's combined format, as PeerTube anonymises it. */
export function formatCombined(facts: AccessFacts): string {
  const agent = facts.doNotTrack ? 'Other' : (facts.userAgent ?? '-');
  const request = `"${facts.method} ${facts.path} HTTP/1.1" ${facts.status} ${facts.bytes}`;
  return `${anonymise(facts.clientHost)} - - [${formatClfTime(facts.startedAtMs)}] ${request} "${facts.referer ?? '-'}" "${agent}"`;
}

/** Only the first 16 bits of an address are kept. */
function anonymise(host: string): string {
  if (host.includes(':')) return `${host.split(':')[0]}::`;
  const [first, second] = host.split('.');
  return `${first}.${second}.0.0`;
}
