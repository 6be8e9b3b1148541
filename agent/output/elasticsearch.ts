// The Elasticsearch (and OpenSearch) output: _bulk with `create` and an id made of labels, time and line, so that a batch
// that is sent again makes nothing twice: what is there already answers 409, and that is a success.

import { createHash } from 'node:crypto';
import { type PushEntry, parseLabels, readEntries } from '../codec/push-reader.ts';
import { rfc3339Text } from '../codec/time-text.ts';
import type { Output, PushVerdict } from '../model.ts';
import type { Clock, Net, PostAnswer } from '../ports.ts';
import { createHttpOutput, type HttpSettings, readStatus, retry } from './http.ts';

/** Settings of the output, see config/output-others.ts. */
export interface ElasticsearchSettings extends HttpSettings {
  index: string;
}

/** An answer lists each item; `filter_path` keeps an item at some 30 bytes. */
const ANSWER_BYTES_MAX = 32 * 1_048_576;

/** Creates the output. */
export function createElasticsearchOutput(settings: ElasticsearchSettings, ports: { net: Net; clock: Clock }): Output {
  return createHttpOutput(
    settings,
    {
      path: '/_bulk?filter_path=errors,items.*.status',
      headers: { 'Content-Type': 'application/x-ndjson' },
      encode: (sealed) => encode(sealed, settings.index),
      read: readBulkAnswer,
      answerBytesMax: ANSWER_BYTES_MAX,
    },
    ports,
  );
}

function encode(sealed: Uint8Array, index: string): Uint8Array {
  const rows: string[] = [];
  for (const entry of readEntries(sealed)) {
    rows.push(JSON.stringify({ create: { _index: index, _id: idOf(entry) } }));
    const { line, labels, metadata } = entry;
    const message = Buffer.from(line).toString('utf8');
    rows.push(JSON.stringify({ ...metadata, '@timestamp': rfc3339Text(entry), message, ...parseLabels(labels) }));
  }
  return Buffer.from(`${rows.join('\n')}\n`);
}

function idOf({ labels, seconds, nanos, line }: PushEntry): string {
  return createHash('sha1').update(`${labels}\n${seconds}\n${nanos}\n`).update(line).digest('base64url');
}

function readBulkAnswer(answer: PostAnswer): PushVerdict {
  const verdict = readStatus(answer);
  if (verdict !== undefined) return verdict;
  let found: { errors?: boolean; items?: Record<string, { status?: number }>[] };
  try {
    found = JSON.parse(answer.body);
  } catch {
    return { kind: 'blocked', code: 'W_SINK_WRONG', why: 'an answer that is no JSON: check the url of the output' };
  }
  if (found.errors === false) return { kind: 'sent' };
  const statuses = (found.items ?? []).map((item) => Object.values(item)[0]?.status ?? 0);
  if (found.errors !== true || statuses.length === 0)
    return {
      kind: 'blocked',
      code: 'W_SINK_WRONG',
      why: 'an answer that is none of _bulk: check the url of the output',
    };
  const bad = statuses.filter((status) => status === 429 || status >= 500);
  if (bad.length > 0) return retry(`${bad.length} items to be tried again (${bad[0]})`, bad.includes(429));
  const numbers = statuses.flatMap((status, i) => (status >= 400 && status !== 409 ? [i] : []));
  if (numbers.length === 0) return { kind: 'sent' };
  const refused = [{ reason: 'refused', numbers }];
  return { kind: 'refused', reason: 'refused', why: 'the index refused documents', refused };
}
