// The answers a fault rule gives in place of the sink: status, body in Loki's own words, Retry-After.

import { STATUS_CODES } from 'node:http';
import type { SinkRule } from '../../model/parts.ts';
import { grpcMessageBytes } from '../loki/grpc-size.ts';
import { REFUSAL_TEXTS } from '../loki/limits.ts';
import { decodePushJson } from '../loki/push-json.ts';
import type { PushScan } from './scan.ts';

/** An answer ready to be written. */
export interface FaultAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

const GRPC_MAX_BYTES = 4_194_304;
const RATE_BYTES = 4_194_304;

/** The answer of `rule` (which has a status) to the push at `path` that `scan` describes. */
export function createFaultAnswer(rule: SinkRule, scan: PushScan, path: string): FaultAnswer {
  const status = rule.status ?? 500;
  const text = status === 204 || status === 304 ? '' : answerText(rule.body, { status, scan, path });
  const headers: Record<string, string> = {};
  if (text !== '') headers['content-type'] = 'text/plain; charset=utf-8';
  if (rule.retryAfter !== undefined) headers['retry-after'] = String(rule.retryAfter);
  return { status, headers, body: text };
}

function answerText(
  body: string | undefined,
  { status, scan, path }: { status: number; scan: PushScan; path: string },
): string {
  if (body === 'resource-exhausted')
    return `${REFUSAL_TEXTS.messageTooLarge(messageBytes(scan, path), GRPC_MAX_BYTES)}\n`;
  const { entries, lineBytes, decodedBytes } = scan.facts;
  if (body === 'rate-limited' || (body === undefined && status === 429)) {
    return `${REFUSAL_TEXTS.rateLimited('fake', { limit: RATE_BYTES, lines: entries, bytes: lineBytes })}\n`;
  }
  if (body !== undefined) return body === '' || body.endsWith('\n') ? body : `${body}\n`;
  if (status >= 200 && status < 300) return '';
  if (status === 413) return `${REFUSAL_TEXTS.bodyTooLarge(decodedBytes, GRPC_MAX_BYTES)}\n`;
  return `${status === 500 ? 'Ingester is shutting down' : (STATUS_CODES[status] ?? `status ${status}`)}\n`;
}

/** The protobuf size of this very push, also when it came as JSON. */
function messageBytes({ facts, bytes }: PushScan, path: string): number {
  if (facts.format !== 'json') return facts.decodedBytes;
  try {
    const streams = decodePushJson(bytes, path.startsWith('/api/prom/') ? 'legacy' : 'v1');
    return grpcMessageBytes(streams.map((stream) => ({ ...stream, hash: null })));
  } catch {
    return facts.decodedBytes;
  }
}
