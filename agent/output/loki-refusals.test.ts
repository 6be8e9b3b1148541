// The texts of Loki, old and new, as they are sent.

import { expect, test } from 'vitest';
import { readRate, readRefusals } from './loki-refusals.ts';

const A = '{app="a", tag="x}\\"y"}';

test.each([
  [
    'a line that is too long',
    `max entry size '262144' bytes exceeded for stream '${A}' while adding an entry with length '262145' bytes`,
    [{ reason: 'line_too_long', longerThan: 262_144 }],
  ],
  [
    'entries too far behind: ten are listed, the border is a whole second',
    `entry with timestamp 2026-09-21 13:13:19.999999999 +0000 UTC ignored, reason: 'entry too far behind, entry timestamp is: 2026-09-21T13:13:19Z, oldest acceptable timestamp is: 2026-09-21T13:13:20Z',\nuser 'fake', total ignored: 12 out of 13 for stream: ${A}`,
    [
      {
        reason: 'refused',
        labels: A,
        entries: 12,
        at: { ns: [1_790_000_000_000_000_000n - 1n - 1_000_000_000n * 3_600n], precision: 'ns' },
        beforeNs: 1_790_000_000_000_000_000n - 1_000_000_000n * 3_600n,
      },
    ],
  ],
  [
    'out of order, as until 2.3',
    `entry with timestamp 2026-09-21 14:13:20 +0000 UTC ignored, reason: 'entry out of order' for stream: ${A},\ntotal ignored: 1 out of 2`,
    [
      {
        reason: 'refused',
        labels: A,
        entries: 1,
        at: { ns: [1_790_000_000_000_000_000n], precision: 'ns' },
      },
    ],
  ],
  [
    'a time that is too new',
    `entry for stream '${A}' has timestamp too new: 2026-09-21T14:13:20Z`,
    [{ reason: 'too_new', labels: A, at: { ns: [1_790_000_000_000_000_000n], precision: 'second' } }],
  ],
  [
    'labels, and metadata that is not allowed, in one answer',
    `2 errors like: entry for stream '${A}' has 17 label names; limit 15; 1 errors like: stream '{app="b"}' includes structured metadata, but this feature is disallowed`,
    [
      { reason: 'bad_labels', labels: A, all: true },
      { reason: 'metadata_disallowed', labels: '{app="b"}', withMetadata: true },
    ],
  ],
  ['what nobody knows', 'cannot parse this', undefined],
])('%s', (_, body, refusals) => {
  expect(readRefusals(body)).toEqual(refusals);
});

test('an answer that was cut may have named more', () => {
  expect(readRefusals(`max entry size '10' bytes exceeded${' '.repeat(16_000)}`)).toEqual([
    { reason: 'line_too_long', longerThan: 10 },
    { reason: 'refused' },
  ]);
});

test.each([
  [
    "ingestion rate limit exceeded for user fake (limit: 4194304 bytes/sec) while attempting to ingest '1' lines totaling '9' bytes",
    { bytesPerSecond: 4_194_304 },
  ],
  [
    'Ingestion rate limit exceeded (limit: 4194304 bytes/sec) while attempting to ingest',
    { bytesPerSecond: 4_194_304 },
  ],
  ['ingestion rate limit (4194304) exceeded while adding 7 lines', { bytesPerSecond: 4_194_304 }],
  [
    `Per stream rate limit exceeded (limit: 3MB/sec) while attempting to ingest for stream '${A}' totaling 1KB`,
    { bytesPerSecond: 3_145_728, labels: A },
  ],
  ['slow down', undefined],
])('the rate in %j', (body, rate) => {
  expect(readRate(body)).toEqual(rate);
});
