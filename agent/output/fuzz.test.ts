// Answers of receivers are bytes of strangers too: whatever they say, they are read as something that can be acted on.

import { expect, test } from 'vitest';
import { fuzzWith } from '../testing/fuzz.ts';
import { readLokiAnswer } from './loki-answer.ts';
import { parseRetryAfter } from './retry-after.ts';

/** What Loki, Elasticsearch and proxies say. */
const CORPUS = [
  Buffer.from('user \'x\', total ignored: 3 out of 10 for stream: {app="a"}, entry with timestamp 1 ignored'),
  Buffer.from(
    'rpc error: code = ResourceExhausted desc = grpc: received message larger than max (5229930 vs. 4194304)',
  ),
  Buffer.from(
    "Max entry size '262144' bytes exceeded for stream '{app=\"a\"}' while adding an entry with length '300000' bytes",
  ),
  Buffer.from(
    "Ingestion rate limit exceeded for user fake (limit: 4194304 bytes/sec) while attempting to ingest '10' lines",
  ),
  Buffer.from(
    'entry for stream \'{a="b"}\' has timestamp too old: 2019-05-12T17:57:23Z, oldest acceptable timestamp is: 2026',
  ),
  Buffer.from('{"errors":true,"items":[{"create":{"status":429,"error":{"type":"x"}}}]}'),
  Buffer.from('Wed, 25 Nov 2026 01:02:03 GMT'),
  Buffer.from('<html><head><title>502</title></head></html>'),
];

test('answers of a receiver mean something, whatever they say', () => {
  const kinds = new Set<string>();
  fuzzWith(CORPUS, (bytes) => {
    const body = bytes.toString('utf8');
    const status = [200, 204, 260, 400, 413, 429, 500, 599][bytes.length % 8] as number;
    const verdict = readLokiAnswer({ status, body, contentType: '', retryAfter: body.slice(0, 40) });
    const afterMs = parseRetryAfter(body.slice(0, 40), 1_763_900_000_000);
    if (afterMs !== undefined && !(afterMs >= 0)) throw new Error('a wait that is none');
    kinds.add(verdict.kind);
  });
  expect([...kinds].sort()).toEqual(['refused', 'retry', 'sent', 'split']);
});
