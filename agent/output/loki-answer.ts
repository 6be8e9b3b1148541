// What an answer of Loki, or of something that stands in its place, means for the batch that was pushed.

import type { PushVerdict, Refusal } from '../model.ts';
import type { PostAnswer } from '../ports.ts';
import { readRate, readRefusals } from './loki-refusals.ts';

/** Reads an answer. */
export function readLokiAnswer(answer: PostAnswer): PushVerdict {
  const { status, body } = answer;
  // Loki's own success has an empty body; a page says that a proxy or a login answered in its place.
  if (status >= 200 && status < 300 && status !== 260) {
    if (!answer.contentType.includes('html')) return { kind: 'sent' };
    return {
      kind: 'blocked',
      code: 'W_SINK_NOT_LOKI',
      why: `an HTML page with status ${status} instead of an answer of Loki`,
    };
  }
  if (status === 260)
    return { kind: 'refused', reason: 'ingestion_blocked', why: 'ingestion is blocked for this tenant (260)' };
  if (status === 413) return { kind: 'split', why: 'the push is too large (413)' };
  if (status === 500 && body.includes('received message larger than max')) return readTooLarge(body);
  if (status === 400 || status === 422)
    return { kind: 'refused', reason: 'refused', why: `entries refused (${status})`, ...present(readRefusals(body)) };
  if (status === 429 || status === 408 || status >= 499) {
    const why = status === 429 ? 'too many requests (429)' : `status ${status}`;
    const rate = status === 429 ? readRate(body) : undefined;
    return { kind: 'retry', code: 'W_PUSH_RETRY', why, throttled: status === 429, ...(rate && { rate }) };
  }
  return {
    kind: 'blocked',
    code: 'W_SINK_SETTINGS',
    why: `status ${status}: check the output's url, tenant and headers`,
  };
}

function present(refused: Refusal[] | undefined): { refused?: Refusal[] } {
  return refused === undefined ? {} : { refused };
}

/** `grpc: received message larger than max (5229930 vs. 4194304)` */
function readTooLarge(body: string): PushVerdict {
  const limit = /larger than max \(\d+ vs\. (\d+)\)/.exec(body)?.[1];
  return {
    kind: 'split',
    why: 'the push is larger than the gRPC limit behind the sink (500)',
    ...(limit === undefined ? {} : { limitBytes: Number(limit) }),
  };
}
