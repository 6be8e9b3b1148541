// Loki's table of limits, row by row: for each option of `limits_config` a push that breaks it, the status and the
// text that must come back, what is stored all the same, and the reason under which the rest is counted.

import { describe, expect, it } from 'vitest';
import type { SinkLimits } from '../../model/scenario.ts';
import { encodeSnappy, type TestEntry, type TestStream } from '../../testing/loki-push.ts';
import { createLokiCore, type LokiCore, type LokiResponse } from './core.ts';
import type { InternalLimits } from './internal-limits.ts';
import { defaultLimits } from './version.ts';

const NOW_NS = 1_790_000_000_000_000_000n;
const SECOND = 1_000_000_000n;
const HOUR = 3_600n * SECOND;
const ASK = 'contact your Loki administrator to see if the limit can be increased';
const LABEL = '{app="a"}';

const entry = (line: string, rest: Partial<TestEntry> = {}): TestEntry => ({ tsNs: NOW_NS, line, ...rest });
const stream = (labels: string, ...entries: TestEntry[]): TestStream => ({ labels, entries });
const named = (count: number) => `{${Array.from({ length: count }, (_, n) => `l${n + 10}="v"`).join(', ')}}`;

function create(limits: Partial<SinkLimits> = {}, internal: Partial<InternalLimits> = {}): LokiCore {
  return createLokiCore({ version: '3.7', limits: { ...defaultLimits('3.7'), ...limits }, internal });
}

function push(core: LokiCore, ...streams: TestStream[]): LokiResponse {
  const headers = { 'content-type': 'application/x-protobuf' };
  return core.handle({
    method: 'POST',
    path: '/loki/api/v1/push',
    headers,
    body: encodeSnappy(streams),
    nowNs: NOW_NS,
  });
}

function get(core: LokiCore, path: string): string {
  return core.handle({ method: 'GET', path, headers: {}, body: Buffer.alloc(0), nowNs: NOW_NS }).body;
}

function values(core: LokiCore): [string, string][] {
  const range = `start=${NOW_NS - HOUR}&end=${NOW_NS + HOUR}&direction=forward`;
  const body = get(core, `/loki/api/v1/query_range?query=${encodeURIComponent('{app=~".+"}')}&${range}`);
  const { data } = JSON.parse(body) as { data: { result: { values: [string, string][] }[] } };
  return data.result.flatMap((one) => one.values);
}

interface Row {
  option: string;
  limits?: Partial<SinkLimits>;
  internal?: Partial<InternalLimits>;
  pushed: TestStream[];
  /** Default 400. */
  status?: number;
  text: string;
  reason: string;
  /** Entries of the same push that are stored; default the one beside. */
  stored?: number;
}

const BESIDE = stream('{app="beside"}', entry('fine'));

const rows: Row[] = [
  {
    option: 'ingestion_rate_mb',
    limits: { rateBytesPerSecond: 4, burstBytes: 4 },
    pushed: [stream(LABEL, entry('12345'))],
    status: 429,
    text: `ingestion rate limit exceeded for user fake (limit: 4 bytes/sec) while attempting to ingest '2' lines totaling '9' bytes, reduce log volume or ${ASK}`,
    reason: 'rate_limited',
    stored: 0,
  },
  {
    option: 'per_stream_rate_limit',
    limits: { streamRateBytesPerSecond: 3_145_728, streamBurstBytes: 4 },
    pushed: [stream(LABEL, entry('12345'))],
    status: 429,
    text: `entry with timestamp 2026-09-21 14:13:20 +0000 UTC ignored, reason: 'Per stream rate limit exceeded (limit: 3MB/sec) while attempting to ingest for stream '${LABEL}' totaling 5B, consider splitting a stream via additional labels or ${ASK}',\nuser 'fake', total ignored: 1 out of 1 for stream: ${LABEL}`,
    reason: 'per_stream_rate_limit',
  },
  {
    option: 'max_global_streams_per_user',
    limits: { streamsMax: 1 },
    pushed: [BESIDE, stream(LABEL, entry('x'))],
    status: 429,
    text: `maximum active stream limit exceeded when trying to create stream ${LABEL}, reduce the number of active streams (reduce labels or reduce label values), or ${ASK}, user: 'fake'`,
    reason: 'stream_limit',
  },
  {
    option: 'max_line_size',
    pushed: [stream(LABEL, entry('x'.repeat(262_145)))],
    text: `max entry size '262144' bytes exceeded for stream '${LABEL}' while adding an entry with length '262145' bytes`,
    reason: 'line_too_long',
  },
  {
    option: 'max_label_names_per_series',
    pushed: [stream(named(16), entry('x'))],
    text: `entry for stream '${named(16)}' has 16 label names; limit 15`,
    reason: 'max_label_names_per_series',
  },
  {
    option: 'max_label_name_length',
    pushed: [stream(`{${'n'.repeat(1_025)}="v"}`, entry('x'))],
    text: `stream '{${'n'.repeat(1_025)}="v"}' has label name too long: '${'n'.repeat(1_025)}'`,
    reason: 'label_name_too_long',
  },
  {
    option: 'max_label_value_length',
    pushed: [stream(`{a="${'v'.repeat(2_049)}"}`, entry('x'))],
    text: `stream '{a="${'v'.repeat(2_049)}"}' has label value too long: '${'v'.repeat(2_049)}'`,
    reason: 'label_value_too_long',
  },
  {
    option: 'duplicate label name',
    pushed: [stream('{a="1", a="2"}', entry('x'))],
    text: `stream '{a="1", a="2"}' has duplicate label name: 'a'`,
    reason: 'duplicate_label_names',
  },
  {
    option: 'empty label set',
    pushed: [stream('{}', entry('x'))],
    text: 'error at least one label pair is required per stream',
    reason: 'missing_labels',
  },
  {
    option: 'reject_old_samples_max_age',
    pushed: [stream(LABEL, entry('x', { tsNs: NOW_NS - 168n * HOUR - SECOND }))],
    text: `entry for stream '${LABEL}' has timestamp too old: 2026-09-14T14:13:19Z, oldest acceptable timestamp is: 2026-09-14T14:13:20Z`,
    reason: 'greater_than_max_sample_age',
  },
  {
    option: 'creation_grace_period',
    pushed: [stream(LABEL, entry('x', { tsNs: NOW_NS + 601n * SECOND }))],
    text: `entry for stream '${LABEL}' has timestamp too new: 2026-09-21T14:23:21Z`,
    reason: 'too_far_in_future',
  },
  {
    option: 'unordered_writes',
    pushed: [stream(LABEL, entry('new'), entry('old', { tsNs: NOW_NS - HOUR - SECOND }))],
    text: `entry with timestamp 2026-09-21 13:13:19 +0000 UTC ignored, reason: 'entry too far behind, entry timestamp is: 2026-09-21T13:13:19Z, oldest acceptable timestamp is: 2026-09-21T13:13:20Z',\nuser 'fake', total ignored: 1 out of 2 for stream: ${LABEL}`,
    reason: 'too_far_behind',
    stored: 2,
  },
  {
    option: 'allow_structured_metadata',
    internal: { allowsMetadata: false },
    pushed: [stream(LABEL, entry('x', { metadata: { k: 'v' } }))],
    text: `stream '${LABEL}' includes structured metadata, but this feature is disallowed. Please see \`limits_config.allow_structured_metadata\` or contact your Loki administrator to enable it`,
    reason: 'disallowed_structured_metadata',
  },
  {
    option: 'max_structured_metadata_size',
    pushed: [stream(LABEL, entry('x', { metadata: { k: 'v'.repeat(65_536) } }))],
    text: `stream '${LABEL}' has structured metadata too large: '65537' bytes, limit: '65536' bytes. Please see \`limits_config.max_structured_metadata_size\` or contact your Loki administrator to increase it`,
    reason: 'structured_metadata_too_large',
  },
  {
    option: 'max_structured_metadata_entries_count',
    pushed: [
      stream(
        LABEL,
        entry('x', { metadata: Object.fromEntries(Array.from({ length: 129 }, (_, n) => [`k${n}`, 'v'])) }),
      ),
    ],
    text: `stream '${LABEL}' has too many structured metadata labels: '129', limit: '128'. Please see \`limits_config.max_structured_metadata_entries_count\` or contact your Loki administrator to increase it`,
    reason: 'structured_metadata_too_many',
  },
  {
    option: 'enforced_labels',
    internal: { enforcedLabels: ['app', 'team', 'tier'] },
    pushed: [stream(LABEL, entry('x')), stream('{app="b", team="c", tier="d"}', entry('fine'))],
    text: `1 errors like: missing required labels team,tier for user fake for stream ${LABEL}; 1 errors like: missing required labels team,tier for user fake for stream {app="beside"}`,
    reason: 'missing_enforced_labels',
  },
  {
    option: 'block_ingestion_until',
    internal: { blockedUntilNs: NOW_NS + SECOND },
    pushed: [stream(LABEL, entry('x'))],
    status: 260,
    text: `ingestion blocked for user 'fake' until '2026-09-21T14:13:21Z' with status code '260'`,
    reason: 'blocked_ingestion',
    stored: 0,
  },
];

describe('a push that breaks', () => {
  it.each(rows)('$option gets its text, and is counted as $reason', (row) => {
    const core = create(row.limits, row.internal);
    const pushed = row.pushed.includes(BESIDE) ? row.pushed : [...row.pushed, BESIDE];
    const answer = push(core, ...pushed);
    expect({ status: answer.status, body: answer.body }).toEqual({ status: row.status ?? 400, body: `${row.text}\n` });
    expect(answer.headers['content-type']).toMatch(/^text\/plain/);
    expect(core.entryCount).toBe(row.stored ?? 1);
    expect(get(core, '/metrics')).toMatch(
      new RegExp(
        `^loki_discarded_samples_total\\{format="loki",policy="",reason="${row.reason}",retention_hours="0",tenant="fake"\\} [1-9]`,
        'm',
      ),
    );
  });

  it('has a row of its own', () => {
    expect(new Set(rows.map(({ option }) => option)).size).toBe(rows.length);
  });
});

it('labels that cannot be parsed are counted as invalid', () => {
  const core = create();
  expect(push(core, stream('{app=}', entry('x'))).body).toMatch(/^error parsing labels '\{app=\}' with error: /);
  expect(get(core, '/metrics')).toContain(
    'loki_discarded_samples_total{format="loki",policy="",reason="invalid_labels",retention_hours="0",tenant="fake"} 1\n',
  );
});

it('label text of more than 16 MiB is refused with the whole request', () => {
  const core = create();
  const answer = push(core, stream(`{a="${'v'.repeat(16_777_216)}"}`, entry('x')), BESIDE);
  expect(answer).toMatchObject({ status: 413, body: expect.stringMatching(/^request body too large: /) });
  expect(core.entryCount).toBe(0);
});

describe('blocked ingestion', () => {
  const pushTo = (internal: Partial<InternalLimits>, ...streams: TestStream[]) => {
    const core = create({}, internal);
    return { answer: push(core, ...streams), core };
  };

  it('drops silently where the status is 200', () => {
    const { answer, core } = pushTo({ blockedUntilNs: NOW_NS + 1n, blockedStatus: 200 }, BESIDE);
    expect([answer.status, answer.body, core.entryCount]).toEqual([204, '', 0]);
    expect(get(core, '/metrics')).toContain('reason="blocked_ingestion",retention_hours="0",tenant="fake"} 1\n');
  });

  it('gives way to what is wrong with the labels', () => {
    const { answer } = pushTo({ blockedUntilNs: NOW_NS + 1n }, BESIDE, stream('{}', entry('x')));
    expect(answer.status).toBe(400);
    expect(answer.body).toBe('error at least one label pair is required per stream\n');
  });

  it('ends by itself', () => {
    expect(pushTo({ blockedUntilNs: NOW_NS }, BESIDE).answer.status).toBe(204);
  });
});

describe('increment_duplicate_timestamp', () => {
  const times = (incrementsTimestamps: boolean, ...lines: string[]) => {
    const core = create({}, { incrementsTimestamps });
    push(core, stream(LABEL, ...lines.map((line) => entry(line))));
    return values(core).map(([ns, line]) => `${line}+${BigInt(ns) - NOW_NS}`);
  };

  it('is off by default', () => {
    expect(times(false, 'x', 'y', 'z')).toEqual(['x+0', 'y+0', 'z+0']);
  });

  it('moves different lines apart and keeps equal ones duplicates', () => {
    expect(times(true, 'x', 'y', 'z')).toEqual(['x+0', 'y+1', 'z+2']);
    expect(times(true, 'x', 'x', 'y')).toEqual(['x+0', 'y+1']);
  });

  it('looks at one push only', () => {
    const core = create({}, { incrementsTimestamps: true });
    for (const line of ['x', 'y']) push(core, stream(LABEL, entry(line)));
    expect(values(core).map(([ns]) => BigInt(ns) - NOW_NS)).toEqual([0n, 0n]);
  });
});

it('max_line_size_truncate cuts the line and counts it as mutated, not discarded', () => {
  const core = create({ lineMaxBytes: 3 }, { truncatesLines: true });
  expect(push(core, stream(LABEL, entry('abcde'), entry('abc', { tsNs: NOW_NS + 1n }))).status).toBe(204);
  expect(values(core).map(([, line]) => line)).toEqual(['abc', 'abc']);
  const metrics = get(core, '/metrics');
  expect(metrics).toContain('loki_mutated_samples_total{reason="line_too_long",tenant="fake"} 1\n');
  expect(metrics).toContain('loki_mutated_bytes_total{reason="line_too_long",tenant="fake"} 2\n');
  expect(metrics).not.toMatch(/^loki_discarded_samples_total\{/m);
});

it('reject_old_samples: false takes any age', () => {
  const core = create({}, { sampleAgeMaxNs: null });
  expect(push(core, stream(LABEL, entry('x', { tsNs: 1n }))).status).toBe(204);
});

it('2019 knows none of these limits', () => {
  const core = createLokiCore({
    version: '2019',
    limits: defaultLimits('2019'),
    internal: { blockedUntilNs: NOW_NS + SECOND, allowsMetadata: false, incrementsTimestamps: true },
  });
  expect(push(core, stream(named(40), entry('x'), entry('y'))).status).toBe(204);
  expect(core.entryCount).toBe(2);
});
