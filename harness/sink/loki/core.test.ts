import { deflateRawSync, gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, it } from 'vitest';
import type { SinkLimits } from '../../model/scenario.ts';
import {
  encodeJson,
  encodeLegacyJson,
  encodeProtobuf,
  encodeSnappy,
  type TestEntry,
  type TestStream,
} from '../../testing/loki-push.ts';
import { createLokiCore, type LokiCore, type LokiResponse } from './core.ts';
import { defaultLimits, type LokiVersion } from './version.ts';

const NOW_NS = 1_790_000_000_000_000_000n;
const SECOND = 1_000_000_000n;
const HOUR = 3_600n * SECOND;
const V1 = '/loki/api/v1/push';
const JSON_TYPE = { 'content-type': 'application/json' };
const PROTOBUF = { 'content-type': 'application/x-protobuf' };

let core: LokiCore;
let nowNs: bigint;

function createCore(version: LokiVersion = '3.7', limits: Partial<SinkLimits> = {}): void {
  nowNs = NOW_NS;
  core = createLokiCore({ version, limits: { ...defaultLimits(version), ...limits } });
}

beforeEach(() => createCore());

function post(path: string, body: Buffer | string, headers: Record<string, string>): LokiResponse {
  return core.handle({ method: 'POST', path, headers, body: Buffer.from(body as string), nowNs });
}

function get(path: string, params: Record<string, string> = {}): LokiResponse {
  const search = new URLSearchParams(params).toString();
  return core.handle({ method: 'GET', path: `${path}?${search}`, headers: {}, body: Buffer.alloc(0), nowNs });
}

function push(...streams: TestStream[]): LokiResponse {
  return post(V1, encodeSnappy(streams), PROTOBUF);
}

function lines(labels: string, ...texts: (string | TestEntry)[]): TestStream {
  return {
    labels,
    entries: texts.map((text, index) =>
      typeof text === 'string' ? { tsNs: nowNs - SECOND + BigInt(index), line: text } : text,
    ),
  };
}

function list(query = '{app=~".+"}', params: Record<string, string> = {}): string[] {
  const answer = get('/loki/api/v1/query_range', {
    query,
    start: String(NOW_NS - 2n * HOUR),
    end: String(NOW_NS + HOUR),
    limit: '5000',
    direction: 'forward',
    ...params,
  });
  expect(answer.status, answer.body).toBe(200);
  const { data } = JSON.parse(answer.body) as { data: { result: { values: [string, string][] }[] } };
  return data.result.flatMap(({ values }) => values.map(([, line]) => line));
}

function count(query: string): { metric: Record<string, string>; value: [number, string] }[] {
  const answer = get('/loki/api/v1/query', { query, time: String(NOW_NS + HOUR) });
  expect(answer.status, answer.body).toBe(200);
  return (JSON.parse(answer.body) as { data: { result: never[] } }).data.result;
}

describe('content types and encodings', () => {
  const body = (line: string) => encodeJson([{ stream: { app: 'a' }, entries: [{ tsNs: NOW_NS, line }] }]);

  it('answers a stored push with 204 and an empty body', () => {
    expect(push(lines('{app="a"}', 'x'))).toEqual({ status: 204, headers: {}, body: '' });
    expect(list()).toEqual(['x']);
  });

  it.each([undefined, '', 'a b', ';charset=utf-8'])('refuses content type %j', (contentType) => {
    const answer = post(V1, body('x'), contentType === undefined ? {} : { 'content-type': contentType });
    expect(answer).toMatchObject({ status: 400, body: 'mime: no media type\n' });
    expect(answer.headers['content-type']).toMatch(/^text\/plain/);
  });

  it('takes JSON with parameters in its content type, and anything else as protobuf', () => {
    expect(post(V1, body('x'), { 'content-type': 'Application/JSON; charset=utf-8' }).status).toBe(204);
    expect(post(V1, encodeSnappy([lines('{app="a"}', 'y')]), { 'content-type': 'text/html' }).status).toBe(204);
    expect(post(V1, body('z'), { 'content-type': 'text/json' })).toMatchObject({
      status: 400,
      body: 'snappy: corrupt input\n',
    });
    expect(list().sort()).toEqual(['x', 'y']);
  });

  it('reads gzip and raw deflate around JSON and around snappy, and ignores `snappy`', () => {
    const headers = (encoding: string, type: object) => ({ ...type, 'content-encoding': encoding });
    expect(post(V1, gzipSync(body('1')), headers('gzip', JSON_TYPE)).status).toBe(204);
    expect(post(V1, deflateRawSync(body('2')), headers('deflate', JSON_TYPE)).status).toBe(204);
    expect(post(V1, gzipSync(encodeSnappy([lines('{app="a"}', '3')])), headers('gzip', PROTOBUF)).status).toBe(204);
    expect(post(V1, encodeSnappy([lines('{app="a"}', '4')]), headers('snappy', PROTOBUF)).status).toBe(204);
    expect(list().sort()).toEqual(['1', '2', '3', '4']);
  });

  it.each(['zstd', 'br', 'identity', 'GZIP'])('refuses content encoding %s', (encoding) => {
    const answer = post(V1, body('x'), { ...JSON_TYPE, 'content-encoding': encoding });
    expect(answer).toMatchObject({ status: 400, body: `Content-Encoding "${encoding}" not supported\n` });
  });

  it('refuses torn compression', () => {
    const torn = gzipSync(body('x')).subarray(0, 20);
    expect(post(V1, torn, { ...JSON_TYPE, 'content-encoding': 'gzip' })).toMatchObject({
      status: 400,
      body: 'unexpected EOF\n',
    });
    expect(post(V1, 'plain', { ...JSON_TYPE, 'content-encoding': 'gzip' }).body).toBe('gzip: invalid header\n');
    expect(post(V1, 'plain', { ...JSON_TYPE, 'content-encoding': 'deflate' }).status).toBe(400);
    expect(post(V1, Buffer.from('ffffffff0f00', 'hex'), PROTOBUF).status).toBe(413);
  });

  it('keeps bytes that are not UTF-8, and shows them as U+FFFD', () => {
    push(lines('{app="a"}', { tsNs: NOW_NS, line: Buffer.from([0x61, 0xff, 0x62]) }));
    expect(list()).toEqual(['a\ufffdb']);
    expect(count('bytes_over_time({app="a"}[2h])')[0]!.value[1]).toBe('3');
  });
});

describe('JSON shapes', () => {
  const v1 = (values: unknown) => post(V1, JSON.stringify({ streams: [{ stream: { app: 'a' }, values }] }), JSON_TYPE);
  const notString = `Value is string, but can't find closing '"' symbol\n`;
  const notNumber = `Value looks like Number/Boolean/None, but can't find its end: ',' or '}' symbol\n`;
  const notObject = `Value looks like object, but can't find closing '}' symbol\n`;
  const ns = String(NOW_NS);

  it.each([
    [[[1, 'x']], notString],
    [[[ns, 1]], notString],
    [[[ns, null]], notString],
    [[['1.5', 'x']], notNumber],
    [[['', 'x']], notNumber],
    [[['99999999999999999999', 'x']], notNumber],
    [[[ns, 'x', 'meta']], notObject],
    [[[ns, 'x', { a: 1 }]], notString],
    [['text'], notString],
  ])('refuses values %j', (values, text) => {
    expect(v1(values)).toMatchObject({ status: 400, body: text });
  });

  it('fails the whole request for a lone surrogate', () => {
    const body = `{"streams":[{"stream":{"app":"a"},"values":[["${ns}","good"],["${ns}","\\ud800"]]}]}`;
    expect(post(V1, body, JSON_TYPE)).toMatchObject({ status: 400, body: notNumber });
    expect(list()).toEqual([]);
  });

  it('is lax where Loki is: null entries, extra elements, missing lines, label values of any type', () => {
    const stream = { app: 'a', port: 80, tls: true };
    const values = [null, [ns], [String(NOW_NS + 1n), 'x', {}, 'more', 5]];
    expect(post(V1, JSON.stringify({ streams: [{ stream, values, more: 1 }], more: 2 }), JSON_TYPE).status).toBe(204);
    expect(list('{port="80", tls="true"}')).toEqual(['', 'x']);
  });

  it('tells the shapes apart by path', () => {
    const legacy = encodeLegacyJson([lines('{app="a"}', 'old')]);
    expect(post('/api/prom/push', legacy, JSON_TYPE).status).toBe(204);
    expect(post(V1, legacy, JSON_TYPE).status).toBe(204);
    expect(list()).toEqual(['old']);
  });

  it.each(['{', '', '[]', 'null', '{"streams":{}}', '{"streams":[1]}', '{"streams":null}'])(
    'refuses body %j',
    (body) => {
      expect(post(V1, body, JSON_TYPE).status).toSatisfy((status: number) => status === 400 || status === 422);
    },
  );
});

describe('validation in 3.7', () => {
  it('answers 422 when there is no stream', () => {
    const text = 'error at least one valid stream is required for ingestion\n';
    expect(push()).toMatchObject({ status: 422, body: text });
    expect(post(V1, '', PROTOBUF)).toMatchObject({ status: 400, body: 'snappy: corrupt input\n' });
    expect(post(V1, '{"streams":[]}', JSON_TYPE)).toMatchObject({ status: 422, body: text });
    expect(post(V1, '{}', JSON_TYPE)).toMatchObject({ status: 422, body: text });
  });

  it('refuses a line that is too long and stores the others of the push', () => {
    const answer = push(lines('{app="a"}', 'x'.repeat(262_145), 'short', 'y'.repeat(262_144)));
    expect(answer).toMatchObject({
      status: 400,
      body: `max entry size '262144' bytes exceeded for stream '{app="a"}' while adding an entry with length '262145' bytes\n`,
    });
    expect(list().map((line) => line.length)).toEqual([5, 262_144]);
  });

  it('groups equal reasons and joins different ones', () => {
    createCore('3.7', { lineMaxBytes: 3 });
    const tooLong = `max entry size '3' bytes exceeded for stream '{app="a"}' while adding an entry with length '4' bytes`;
    expect(push(lines('{app="a"}', 'aaaa', 'bbbb')).body).toBe(`2 errors like: ${tooLong}\n`);
    expect(push(lines('{app="a"}', 'aaaa'), lines('{}', 'b')).body).toBe(
      `1 errors like: ${tooLong}; 1 errors like: error at least one label pair is required per stream\n`,
    );
  });

  it.each([
    ['{}', 'error at least one label pair is required per stream'],
    ['{a=""}', 'error at least one label pair is required per stream'],
    ['{b="1", a="2", a="3"}', `stream '{a="2", a="3", b="1"}' has duplicate label name: 'a'`],
    [
      `{a="${'v'.repeat(2_049)}"}`,
      `stream '{a="${'v'.repeat(2_049)}"}' has label value too long: '${'v'.repeat(2_049)}'`,
    ],
    [
      `{${'n'.repeat(1_025)}="v"}`,
      `stream '{${'n'.repeat(1_025)}="v"}' has label name too long: '${'n'.repeat(1_025)}'`,
    ],
  ])('refuses labels %.40s', (labels, text) => {
    expect(push(lines(labels, 'x'))).toMatchObject({ status: 400, body: `${text}\n` });
    expect(core.entryCount).toBe(0);
  });

  it.each(['', 'a="b"', '{a=b}', '{a="b"', '{1a="b"}', '{a="b"} x', '{a-b="c"}'])(
    'cannot parse labels %j',
    (labels) => {
      const answer = push(lines(labels, 'x'));
      expect(answer.status).toBe(400);
      expect(answer.body).toMatch(/^error parsing labels '.*' with error: 1:\d+: parse error: unexpected /);
    },
  );

  it('allows 15 label names, service_name not counted', () => {
    const labels = (n: number) => Array.from({ length: n }, (_, index) => `l${String(index).padStart(2, '0')}="v"`);
    expect(push(lines(`{service_name="s", ${labels(15)}}`, 'x')).status).toBe(204);
    const answer = push(lines(`{${labels(16)}}`, 'x'));
    expect(answer).toMatchObject({
      status: 400,
      body: expect.stringMatching(/^entry for stream '.*' has 16 label names; limit 15\n$/),
    });
  });

  it('sorts labels in its texts and treats any order as one stream', () => {
    push(lines('{b="2",a="1"}', 'x'), lines('{ a = "1" , b="2" }', 'y'));
    const [row, ...others] = count('count_over_time({a="1"}[2h])');
    expect([row?.metric, row?.value[1], others.length]).toEqual([{ a: '1', b: '2' }, '2', 0]);
    expect(JSON.parse(get('/loki/api/v1/series', { 'match[]': '{a="1"}' }).body)).toEqual({
      status: 'success',
      data: [{ a: '1', b: '2' }],
    });
  });

  it('refuses what is older than a week or more than ten minutes ahead', () => {
    const at = (tsNs: bigint) => push(lines('{app="a"}', { tsNs, line: 'x' }));
    expect(at(NOW_NS - 168n * HOUR).status).toBe(204);
    expect(at(NOW_NS - 168n * HOUR - 1n)).toMatchObject({
      status: 400,
      body: `entry for stream '{app="a"}' has timestamp too old: 2026-09-14T14:13:19Z, oldest acceptable timestamp is: 2026-09-14T14:13:20Z\n`,
    });
    expect(at(NOW_NS + 600n * SECOND).status).toBe(204);
    expect(at(NOW_NS + 601n * SECOND).body).toBe(
      `entry for stream '{app="a"}' has timestamp too new: 2026-09-21T14:23:21Z\n`,
    );
  });

  it('limits structured metadata', () => {
    const many = Object.fromEntries(Array.from({ length: 129 }, (_, index) => [`k${index}`, 'v']));
    const meta = (metadata: Record<string, string>) => push(lines('{app="a"}', { tsNs: NOW_NS, line: 'x', metadata }));
    expect(meta({ k: 'v'.repeat(65_535) }).status).toBe(204);
    expect(meta({ k: 'v'.repeat(65_536) }).body).toMatch(
      /^stream '\{app="a"\}' has structured metadata too large: '65537' bytes, limit: '65536' bytes\. /,
    );
    expect(meta(many).body).toMatch(
      /^stream '\{app="a"\}' has too many structured metadata labels: '129', limit: '128'\. /,
    );
  });
});

describe('rates and sizes', () => {
  const kib = (n: number, tag = 'x') => Array.from({ length: n }, (_, index) => `${tag}${index}`.padEnd(1_024, '.'));

  it('refuses a whole push above the ingestion rate, hides validation errors, and refills by the second', () => {
    createCore('3.7', { rateBytesPerSecond: 10_240, burstBytes: 20_480 });
    expect(push(lines('{app="a"}', ...kib(20))).status).toBe(204);
    const answer = push(lines('{app="a"}', ...kib(5, 'y')), lines('{}', 'bad'));
    expect(answer).toMatchObject({
      status: 429,
      body: "ingestion rate limit exceeded for user fake (limit: 10240 bytes/sec) while attempting to ingest '5' lines totaling '5120' bytes, reduce log volume or contact your Loki administrator to see if the limit can be increased\n",
    });
    expect(core.entryCount).toBe(20);
    nowNs += SECOND / 2n;
    expect(push(lines('{app="a"}', ...kib(5, 'y'))).status).toBe(204);
    expect(push(lines('{app="a"}', 'z')).status).toBe(429);
  });

  it('can never take what exceeds the burst', () => {
    createCore('3.7', { rateBytesPerSecond: 1_000, burstBytes: 2_000 });
    for (let second = 0; second < 5; second++, nowNs += 100n * SECOND) {
      expect(push(lines('{app="a"}', 'x'.repeat(2_001))).status).toBe(429);
    }
  });

  it('refuses one stream above its own rate, whole, and stores the others', () => {
    createCore('3.7', { streamRateBytesPerSecond: 3 * 1_048_576, streamBurstBytes: 4_096 });
    const answer = push(lines('{app="a"}', ...kib(5)), lines('{app="b"}', 'other'));
    expect(answer.status).toBe(429);
    const row = answer.body.split('\n');
    expect(row[0]).toBe(
      `entry with timestamp 2026-09-21 14:13:19 +0000 UTC ignored, reason: 'Per stream rate limit exceeded (limit: 3MB/sec) while attempting to ingest for stream '{app="a"}' totaling 1KB, consider splitting a stream via additional labels or contact your Loki administrator to see if the limit can be increased',`,
    );
    expect(row.at(-2)).toBe(`user 'fake', total ignored: 5 out of 5 for stream: {app="a"}`);
    expect(list()).toEqual(['other']);
  });

  it('refuses a stream too many and keeps the known ones open', () => {
    createCore('3.7', { streamsMax: 2 });
    expect(push(lines('{app="a"}', '1'), lines('{app="b"}', '2')).status).toBe(204);
    expect(push(lines('{app="c"}', '3'), lines('{app="a"}', '4'))).toMatchObject({
      status: 429,
      body: `maximum active stream limit exceeded when trying to create stream {app="c"}, reduce the number of active streams (reduce labels or reduce label values), or contact your Loki administrator to see if the limit can be increased, user: 'fake'\n`,
    });
    expect(list().sort()).toEqual(['1', '2', '4']);
  });

  it('answers 500 when the protobuf message, not the body, exceeds the gRPC limit', () => {
    createCore('2019', { grpcMessageMaxBytes: 10_000 });
    const stream = lines('{app="a"}', ...kib(9));
    const size = encodeProtobuf([stream]).length;
    expect(push(stream).status).toBe(204);
    const more = lines('{app="a"}', ...kib(10, 'y'));
    const text = `rpc error: code = ResourceExhausted desc = grpc: received message larger than max (${encodeProtobuf([more]).length} vs. 10000)\n`;
    expect(size).toBeLessThan(10_000);
    expect(push(more)).toMatchObject({ status: 500, body: text });
    expect(post('/api/prom/push', encodeLegacyJson([more]), JSON_TYPE)).toMatchObject({ status: 500, body: text });
    expect(core.entryCount).toBe(9);
    // Escapes make the JSON twice as long as the limit, the message stays below it.
    const escaped = encodeLegacyJson([lines('{app="b"}', '"'.repeat(9_000))]);
    expect(escaped.length).toBeGreaterThan(18_000);
    expect(post('/api/prom/push', escaped, JSON_TYPE).status).toBe(204);
  });

  it('checks the rate before the message: 4 to 6 MiB is a 500 for ever, more a 429 for ever', () => {
    const big = (mib: number) =>
      lines('{app="a"}', ...Array.from({ length: mib * 5 }, (_, i) => `${i}`.padEnd(209_715, '.')));
    expect(push(big(5)).status).toBe(500);
    nowNs += 60n * SECOND;
    expect(push(big(7)).status).toBe(429);
  });
});

describe('order and duplicates', () => {
  const at = (tsNs: bigint, line: string, metadata?: Record<string, string>) =>
    push(lines('{app="a"}', { tsNs, line, ...(metadata ? { metadata } : {}) })).status;
  const stored = () => count('sum(count_over_time({app="a"}[10h]))')[0]?.value[1];

  it('3.7 drops an equal entry silently, but not one that differs in time, line or metadata', () => {
    expect([at(NOW_NS, 'x'), at(NOW_NS, 'y'), at(NOW_NS, 'x')]).toEqual([204, 204, 204]);
    expect(stored()).toBe('2');
    at(NOW_NS + 1n, 'x');
    at(NOW_NS, 'x', { id: '1' });
    at(NOW_NS, 'x', { id: '1' });
    expect(stored()).toBe('4');
  });

  it('3.7 forgets duplicates with the head block: stored twice, listed once', () => {
    at(NOW_NS, 'x');
    push(
      lines('{app="a"}', ...[1n, 2n].map((step) => ({ tsNs: NOW_NS + step, line: `${step}`.padEnd(140_000, '.') }))),
    );
    expect(at(NOW_NS, 'x')).toBe(204);
    expect(stored()).toBe('4');
    expect(list().filter((line) => line === 'x')).toHaveLength(1);
  });

  it('3.7 still knows the last line after the head block was cut', () => {
    const last = 'x'.repeat(262_144);
    at(NOW_NS, last);
    at(NOW_NS, last);
    expect(stored()).toBe('1');
  });

  it('3.7 takes what is at most an hour behind, and lists what it ignored', () => {
    at(NOW_NS, 'new');
    expect(at(NOW_NS - HOUR, 'edge')).toBe(204);
    const late = push(
      lines(
        '{app="a"}',
        ...Array.from({ length: 12 }, (_, i) => ({ tsNs: NOW_NS - HOUR - 1n - BigInt(i), line: `${i}` })),
        {
          tsNs: NOW_NS + 1n,
          line: 'kept',
        },
      ),
    );
    const rows = late.body.split('\n');
    expect(late.status).toBe(400);
    expect(rows).toHaveLength(12);
    expect(rows[0]).toBe(
      "entry with timestamp 2026-09-21 13:13:19.999999999 +0000 UTC ignored, reason: 'entry too far behind, entry timestamp is: 2026-09-21T13:13:19Z, oldest acceptable timestamp is: 2026-09-21T13:13:20Z',",
    );
    expect(rows[10]).toBe(`user 'fake', total ignored: 12 out of 13 for stream: {app="a"}`);
    expect(list()).toEqual(['edge', 'new', 'kept']);
  });

  it('2019 stores duplicates, and refuses everything older than the last entry of the stream', () => {
    createCore('2019');
    expect([at(NOW_NS, 'x'), at(NOW_NS, 'x')]).toEqual([204, 204]);
    expect(list()).toEqual(['x', 'x']);
    const answer = push(lines('{app="a"}', { tsNs: NOW_NS - 1n, line: 'old' }, { tsNs: NOW_NS, line: 'same' }));
    expect(answer).toMatchObject({ status: 400, body: 'entry out of order for stream: {app="a"}\n' });
    expect(list()).toEqual(['x', 'x', 'same']);
  });
});

describe('2019', () => {
  beforeEach(() => createCore('2019'));

  it('knows no limit on lines, rates and ages, no gzip, no 422', () => {
    const long = lines('{app="a"}', { tsNs: 1n, line: 'x'.repeat(3_000_000) });
    expect(push(long).status).toBe(204);
    expect(post(V1, '{"streams":[]}', JSON_TYPE).status).toBe(204);
    expect(post(V1, gzipSync(encodeJson([])), { ...JSON_TYPE, 'content-encoding': 'gzip' }).status).toBe(400);
    expect(post(V1, encodeJson([]), { 'content-type': 'application/json; charset=utf-8' }).status).toBe(400);
    expect(post(V1, encodeSnappy([lines('{app="a"}', 'y')]), {}).status).toBe(204);
  });

  it('has its own texts for the limits it is given', () => {
    createCore('2019', { rateBytesPerSecond: 10, burstBytes: 10, streamsMax: 1 });
    expect(push(lines('{app="a"}', 'x'.repeat(11))).body).toBe(
      'ingestion rate limit (10) exceeded while adding 1 lines\n',
    );
    push(lines('{app="a"}', 'x'));
    expect(push(lines('{app="b"}', 'x')).body).toBe('per-user streams limit (1) exceeded\n');
  });

  it('answers its own query paths', () => {
    push(lines('{app="a"}', 'x'));
    const window = { start: String(NOW_NS - HOUR), end: String(NOW_NS + HOUR) };
    expect(JSON.parse(get('/api/prom/query', { query: '{app="a"}', ...window }).body)).toEqual({
      streams: [{ labels: '{app="a"}', entries: [{ ts: '2026-09-21T14:13:19Z', line: 'x' }] }],
    });
    expect(JSON.parse(get('/api/prom/label', window).body)).toEqual({ values: ['app'] });
    expect(JSON.parse(get('/api/prom/label/app/values', window).body)).toEqual({ values: ['a'] });
  });
});

describe('queries', () => {
  beforeEach(() => {
    push(lines('{app="web", tag="t1"}', 'get /a', 'get /b'), lines('{app="db"}', 'select "x"'));
  });

  it.each([
    ['{app="web"}', 2],
    ['{app!="web"}', null],
    ['{app!="web", app=~".+"}', 1],
    ['{app=~"w.*|db"}', 3],
    ['{app=~".+", tag=""}', 1],
    ['{app=~".+", tag!~".+"}', 1],
    ['{app=~"(?i)WEB"}', 2],
    ['{app="web"} |= "/a"', 1],
    ['{app="web"} != "/a" |~ "get"', 1],
    ['{app=~".+"} |= `"x"`', 1],
    ['{app=~".+"} !~ "^get"', 1],
  ])('lists %s', (query, size) => {
    if (size === null) expect(get('/loki/api/v1/query_range', { query }).status).toBe(400);
    else expect(list(query)).toHaveLength(size);
  });

  it.each([
    '',
    '{',
    '{app}',
    '{app=}',
    '{app="a"} |',
    'rate({app="a"}[1m])',
    'sum(count_over_time({app="a"}))',
    '{app=~"("}',
    '{app=~".*"}',
    'sum(count_over_time({app="a"}[1x]))',
  ])('refuses the query %j as a parse error', (query) => {
    const answer = get('/loki/api/v1/query_range', { query });
    expect(answer.status).toBe(400);
    expect(answer.body).toMatch(/^parse error/);
  });

  it('has an inclusive start and an exclusive end', () => {
    const times = [0n, 1n, 2n].map((step) => NOW_NS + step);
    push({ labels: '{app="edge"}', entries: times.map((tsNs) => ({ tsNs, line: `${tsNs}` })) });
    const window = { start: String(times[0]), end: String(times[2]) };
    expect(list('{app="edge"}', window)).toEqual([`${times[0]}`, `${times[1]}`]);
    expect(list('{app="edge"}', { ...window, direction: 'backward' })).toEqual([`${times[1]}`, `${times[0]}`]);
    expect(list('{app="edge"}', { ...window, limit: '1', direction: 'backward' })).toEqual([`${times[1]}`]);
  });

  it('limits a page to 5,000 entries', () => {
    expect(get('/loki/api/v1/query_range', { query: '{app="web"}', limit: '5001' })).toMatchObject({
      status: 400,
      body: 'max entries limit per query exceeded, limit > max_entries_limit_per_query (5001 > 5000)\n',
    });
    expect(get('/loki/api/v1/query_range', { query: '{app="web"}', limit: 'x' }).status).toBe(400);
  });

  it('counts entries and bytes, summed and not; nothing is an empty result', () => {
    expect(count('sum(count_over_time({app=~".+"}[2h]))')).toEqual([{ metric: {}, value: [expect.any(Number), '3'] }]);
    expect(
      count('sum by (app) (count_over_time({app=~".+"}[2h]))').map(({ metric, value }) => [metric.app, value[1]]),
    ).toEqual([
      ['web', '2'],
      ['db', '1'],
    ]);
    expect(
      count('sum(bytes_over_time({app="web"}[2h])) by (tag)').map(({ metric, value }) => [metric, value[1]]),
    ).toEqual([[{ tag: 't1' }, '12']]);
    expect(count('count_over_time({app="web"} |= "/a" [2h])')[0]!.value[1]).toBe('1');
    expect(count('sum(count_over_time({app="none"}[2h]))')).toEqual([]);
  });

  it('counts (at − range, at]', () => {
    push({ labels: '{app="edge"}', entries: [{ tsNs: NOW_NS, line: 'x' }] });
    const at = (time: bigint) => {
      const { body } = get('/loki/api/v1/query', { query: 'count_over_time({app="edge"}[1s])', time: String(time) });
      return (JSON.parse(body) as { data: { result: unknown[] } }).data.result.length;
    };
    expect([at(NOW_NS - 1n), at(NOW_NS), at(NOW_NS + SECOND - 1n), at(NOW_NS + SECOND)]).toEqual([0, 1, 1, 0]);
  });

  it('refuses log selectors as instant queries, in the words of Loki', () => {
    expect(get('/loki/api/v1/query', { query: '{app="web"}' })).toMatchObject({
      status: 400,
      body: 'log queries are not supported as an instant query type, please change your query to a range query type\n',
    });
  });

  it('gives counts over time as a matrix', () => {
    const answer = get('/loki/api/v1/query_range', {
      query: 'sum(count_over_time({app="web"}[2h]))',
      start: String(NOW_NS),
      end: String(NOW_NS + 2n * SECOND),
      step: '1',
    });
    const { data } = JSON.parse(answer.body) as { data: { resultType: string; result: { values: unknown[] }[] } };
    expect([data.resultType, data.result[0]!.values.length]).toEqual(['matrix', 3]);
  });

  it('merges metadata into the labels, or keeps it apart when asked to', () => {
    push(lines('{app="meta"}', { tsNs: NOW_NS, line: 'x', metadata: { trace: '1' } }));
    const params = new URLSearchParams({
      query: '{app="meta"}',
      start: String(NOW_NS - HOUR),
      end: String(NOW_NS + HOUR),
    });
    const ask = (headers: Record<string, string>) =>
      JSON.parse(
        core.handle({
          method: 'GET',
          path: `/loki/api/v1/query_range?${params}`,
          headers,
          body: Buffer.alloc(0),
          nowNs,
        }).body,
      ).data.result;
    expect(ask({})).toEqual([{ stream: { app: 'meta', trace: '1' }, values: [[String(NOW_NS), 'x']] }]);
    expect(ask({ 'x-loki-response-encoding-flags': 'categorize-labels' })).toEqual([
      { stream: { app: 'meta' }, values: [[String(NOW_NS), 'x', { structuredMetadata: { trace: '1' } }]] },
    ]);
  });

  it('names labels and values within the window', () => {
    expect(JSON.parse(get('/loki/api/v1/labels').body)).toEqual({ status: 'success', data: ['app', 'tag'] });
    expect(JSON.parse(get('/loki/api/v1/label/app/values').body)).toEqual({ status: 'success', data: ['db', 'web'] });
    expect(JSON.parse(get('/loki/api/v1/labels', { start: '1', end: '2' }).body).data).toEqual([]);
    expect(get('/loki/api/v1/labels', { start: 'soon' }).status).toBe(400);
  });

  it('answers ready, buildinfo and metrics, and 404 or 405 for the rest', () => {
    createCore('3.7', { lineMaxBytes: 3 });
    push(lines('{app="a"}', 'abc', 'abcd'));
    expect(get('/ready')).toMatchObject({ status: 200, body: 'ready\n' });
    expect(JSON.parse(get('/loki/api/v1/status/buildinfo').body)).toMatchObject({ version: '3.7.6' });
    const metrics = get('/metrics').body;
    expect(metrics).toContain('loki_distributor_lines_received_total{tenant="fake"} 1\n');
    expect(metrics).toContain(
      'loki_discarded_samples_total{format="loki",policy="",reason="line_too_long",retention_hours="0",tenant="fake"} 1\n',
    );
    expect(metrics).toContain('loki_ingester_memory_streams{tenant="fake"} 1\n');
    expect(get('/nowhere').status).toBe(404);
    expect(get(V1).status).toBe(405);
  });
});
