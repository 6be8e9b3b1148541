// `auth_enabled: true`: each tenant has streams, limits and counters of its own.

import { describe, expect, it } from 'vitest';
import { encodeSnappy } from '../../testing/loki-push.ts';
import { createLokiCore, type LokiCore, type LokiResponse } from './core.ts';
import { defaultLimits } from './version.ts';

const NOW_NS = 1_790_000_000_000_000_000n;

function create(authEnabled: boolean, streamsMax = 5_000): LokiCore {
  const limits = { ...defaultLimits('3.7'), streamsMax, rateBytesPerSecond: 10, burstBytes: 10 };
  return createLokiCore({ version: '3.7', limits, internal: { authEnabled } });
}

function send(core: LokiCore, tenant: string | null, line: string, app = 'a'): LokiResponse {
  const tenantHeader = tenant === null ? {} : { 'x-scope-orgid': tenant };
  return core.handle({
    ...{ method: 'POST', path: '/loki/api/v1/push', nowNs: NOW_NS },
    headers: { 'content-type': 'application/x-protobuf', ...tenantHeader },
    body: encodeSnappy([{ labels: `{app="${app}"}`, entries: [{ tsNs: NOW_NS, line }] }]),
  });
}

function linesOf(core: LokiCore, tenant: string): string[] {
  const range = `start=${NOW_NS}&end=${NOW_NS + 1n}`;
  const { body } = core.handle({
    ...{ method: 'GET', path: `/loki/api/v1/query_range?query=${encodeURIComponent('{app=~".+"}')}&${range}` },
    ...{ headers: { 'x-scope-orgid': tenant }, body: Buffer.alloc(0), nowNs: NOW_NS },
  });
  const { data } = JSON.parse(body) as { data: { result: { values: [string, string][] }[] } };
  return data.result.flatMap(({ values }) => values.map(([, line]) => line));
}

describe('tenants', () => {
  it('have to be named where authentication is on: 401', () => {
    const core = create(true);
    for (const path of ['/loki/api/v1/push', '/loki/api/v1/labels', '/loki/api/v1/query_range']) {
      const answer = core.handle({
        ...{ method: path.endsWith('push') ? 'POST' : 'GET', path, headers: {}, body: Buffer.alloc(0), nowNs: NOW_NS },
      });
      expect(answer).toMatchObject({ status: 401, body: 'no org id\n' });
    }
  });

  it('do not see each other, and have rates of their own', () => {
    const core = create(true);
    expect(send(core, 'one', 'first').status).toBe(204);
    expect(send(core, 'two', 'second').status).toBe(204);
    expect([linesOf(core, 'one'), linesOf(core, 'two'), linesOf(core, 'three')]).toEqual([['first'], ['second'], []]);
    expect(core.entryCount).toBe(2);
    const refused = send(core, 'one', 'too much');
    expect(refused.status).toBe(429);
    expect(refused.body).toMatch(/^ingestion rate limit exceeded for user one \(limit: 10 bytes\/sec\)/);
    expect(send(core, 'two', 'fits').status).toBe(204);
  });

  it('have limits of streams of their own, named in the answer', () => {
    const core = create(true, 1);
    send(core, 'one', 'x', 'a');
    expect(send(core, 'one', 'x', 'b').body).toContain(", user: 'one'");
    expect(send(core, 'two', 'x', 'b').status).toBe(204);
  });

  it('have counters of their own', () => {
    const core = create(true);
    send(core, 'one', 'x');
    send(core, 'two', 'far too long a line');
    const { body } = core.handle({
      ...{ method: 'GET', path: '/metrics', headers: {}, body: Buffer.alloc(0), nowNs: NOW_NS },
    });
    expect(body).toContain('loki_distributor_lines_received_total{tenant="one"} 1\n');
    expect(body).toContain('loki_ingester_memory_streams{tenant="one"} 1\n');
    expect(body).toContain(
      'loki_discarded_samples_total{format="loki",policy="",reason="rate_limited",retention_hours="0",tenant="two"} 1\n',
    );
  });

  it('are one where authentication is off, whatever the header says', () => {
    const core = create(false);
    send(core, 'one', 'x');
    send(core, null, 'y');
    expect(linesOf(core, 'two').sort()).toEqual(['x', 'y']);
  });
});
