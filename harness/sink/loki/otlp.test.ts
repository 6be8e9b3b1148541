// OTLP pushes of logs: what becomes of resource, scope and record, and what is refused how.

import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { encodeOtlpJson, encodeOtlpProtobuf, type TestResource } from '../../testing/otlp-push.ts';
import { createLokiCore, type LokiCore, type LokiResponse } from './core.ts';
import { defaultLimits } from './version.ts';

const NOW_NS = 1_795_000_000_000_000_000n;
const PROTOBUF = 'application/x-protobuf';
const RESOURCE: TestResource = {
  attributes: { 'service.name': 'web', 'host.name': 'node-1' },
  scope: 'fluentforward',
  records: [
    {
      ...{ timeNs: NOW_NS, body: 'lrs1-abcdef-web-0-60-00000000', severityText: 'INFO' },
      attributes: { 'fluent.tag': 'web', container_name: '/web' },
    },
  ],
};

function createCore(): LokiCore {
  return createLokiCore({ version: '3.7', limits: defaultLimits('3.7') });
}

function push(core: LokiCore, body: Buffer, contentType = PROTOBUF, contentEncoding?: string): LokiResponse {
  const headers = { 'content-type': contentType, ...(contentEncoding ? { 'content-encoding': contentEncoding } : {}) };
  return core.handle({ method: 'POST', path: '/otlp/v1/logs', headers, body, nowNs: NOW_NS });
}

function query(core: LokiCore, selector: string): { stream: Record<string, string>; values: string[][] }[] {
  const params = new URLSearchParams({ query: selector, end: String(NOW_NS + 1_000_000_000n), limit: '100' });
  const path = `/loki/api/v1/query_range?${params}`;
  const { body } = core.handle({ method: 'GET', path, headers: {}, body: Buffer.alloc(0), nowNs: NOW_NS });
  return JSON.parse(body).data.result;
}

describe('OTLP logs', () => {
  it.each([
    ['protobuf', PROTOBUF, encodeOtlpProtobuf],
    ['JSON', 'application/json; charset=utf-8', encodeOtlpJson],
  ])('are stored with the body as line: %s', (_, contentType, encode) => {
    const core = createCore();
    expect(push(core, encode([RESOURCE]), contentType)).toMatchObject({ status: 204, body: '' });
    expect(push(core, gzipSync(encode([RESOURCE])), contentType, 'gzip').status).toBe(204);
    expect(query(core, '{service_name="web"}')).toEqual([
      {
        stream: {
          ...{ service_name: 'web', host_name: 'node-1', scope_name: 'fluentforward', severity_text: 'INFO' },
          ...{ fluent_tag: 'web', container_name: '/web' },
        },
        values: [[String(NOW_NS), 'lrs1-abcdef-web-0-60-00000000']],
      },
    ]);
  });

  it('give a resource without a service the name that Loki gives it', () => {
    const core = createCore();
    push(core, encodeOtlpProtobuf([{ ...RESOURCE, attributes: {} }]));
    expect(query(core, '{service_name="unknown_service"}')).toHaveLength(1);
  });

  it('take the observed time where a record has none of its own', () => {
    const core = createCore();
    const record = { timeNs: 0n, observedNs: NOW_NS - 5n, body: 'x' };
    push(core, encodeOtlpProtobuf([{ attributes: { 'service.name': 'web' }, records: [record] }]));
    expect(query(core, '{service_name="web"}')[0]!.values).toEqual([[String(NOW_NS - 5n), 'x']]);
  });

  it.each([
    ['protobuf', PROTOBUF, encodeOtlpProtobuf],
    ['JSON', 'application/json', encodeOtlpJson],
  ])('write a body that is no text as JSON: %s', (_, contentType, encode) => {
    const core = createCore();
    const record = { timeNs: NOW_NS, body: { log: 'line', source: 'stdout' } };
    push(core, encode([{ attributes: { 'service.name': 'web' }, records: [record] }]), contentType);
    expect(query(core, '{service_name="web"}')[0]!.values[0]![1]).toBe('{"log":"line","source":"stdout"}');
  });

  it('keep bytes that are no UTF-8', () => {
    const core = createCore();
    const body = Buffer.from([0x61, 0xff, 0x62]);
    push(core, encodeOtlpProtobuf([{ attributes: { 'service.name': 'web' }, records: [{ timeNs: NOW_NS, body }] }]));
    expect(query(core, '{service_name="web"}')[0]!.values[0]![1]).toBe('a\ufffdb');
  });

  it('meet the same limits as every push', () => {
    const core = createCore();
    const records = [{ timeNs: NOW_NS, body: 'x'.repeat(262_145) }];
    const answer = push(core, encodeOtlpProtobuf([{ attributes: { 'service.name': 'web' }, records }]));
    expect(answer).toMatchObject({
      status: 400,
      body: expect.stringContaining("max entry size '262144' bytes exceeded"),
    });
    // google.rpc.Status{2: message}
    expect(answer.bytes![0]).toBe(0x12);
    expect(answer.bytes!.toString('utf8')).toContain('max entry size');
  });

  it('turn a 500 into a 503, which OTLP clients retry', () => {
    const core = createCore();
    const records = Array.from({ length: 20 }, (_, index) => ({
      timeNs: NOW_NS,
      body: `${index}`.padEnd(250_000, 'x'),
    }));
    const answer = push(core, encodeOtlpProtobuf([{ attributes: { 'service.name': 'web' }, records }]));
    expect(answer).toMatchObject({ status: 503, body: expect.stringContaining('received message larger than max') });
  });

  it.each([
    ['text/plain', undefined, 'content type: text/plain is not supported'],
    [PROTOBUF, 'zstd', 'unsupported compression: zstd'],
    ['application/json', undefined, "couldn't read JSON"],
    [PROTOBUF, undefined, 'proto: illegal wireType 7'],
  ])('refuse %s, encoding %s', (contentType, encoding, text) => {
    expect(push(createCore(), Buffer.from('\x0f'), contentType, encoding)).toMatchObject({
      status: 400,
      body: expect.stringContaining(text),
    });
  });

  it('are unknown to the Loki of 2019', () => {
    const core = createLokiCore({ version: '2019', limits: defaultLimits('2019') });
    expect(push(core, encodeOtlpProtobuf([RESOURCE])).status).toBe(404);
  });
});
