// `json`: the structured log of a present-day service, one object per line. A size asked for is reached by a
// `detail` of words.

import type { AccessFacts } from './access-facts.ts';
import { drawHex32, syntheticTimeMs } from './access-facts.ts';
import type { AccessShape } from './access-shape.ts';
import { drawFiller } from './filler.ts';

const MESSAGES = [
  'order accepted',
  'payment captured',
  'cache miss, loading "catalogue"',
  'session renewed',
  'mail queued',
];
const DETAIL = '"detail":"';

/** Structured application JSON. */
export const json: AccessShape = {
  name: 'json',
  formatAccessLine,
  line: ({ id, dueMs, random, bytes = 0 }) => {
    const fields = {
      timestamp: new Date(syntheticTimeMs(dueMs)).toISOString(),
      level: random() < 0.02 ? 'warn' : 'info',
      service: 'checkout',
      message: MESSAGES[Math.floor(random() * MESSAGES.length)],
      requestId: id,
      traceId: drawHex32(random),
      durationMs: 1 + Math.floor(random() ** 4 * 900),
      attributes: { region: 'eu-1', attempt: 1, userId: Math.floor(random() * 1e9) },
    };
    const text = JSON.stringify(fields);
    const missing = bytes - text.length - DETAIL.length - 2;
    return Buffer.from(missing < 0 ? text : `${text.slice(0, -1)},${DETAIL}${drawFiller(missing, random)}"}`);
  },
};

function formatAccessLine(facts: AccessFacts): string[] {
  const { method, path, status, bytes } = facts;
  const timestamp = new Date(facts.startedAtMs).toISOString();
  return [
    JSON.stringify({
      timestamp,
      level: 'info',
      message: 'request completed',
      method,
      path,
      status,
      bytes,
      durationMs: facts.durationNs / 1e6,
    }),
  ];
}
