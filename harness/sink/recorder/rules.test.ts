import { describe, expect, it } from 'vitest';
import { createLineIdScanner } from '../../model/line-id.ts';
import { encodeLegacyJson, encodeProtobuf, encodeSnappy } from '../../testing/loki-push.ts';
import { createFaultAnswer } from './fault-answer.ts';
import { createRules } from './rules.ts';
import { scanPush } from './scan.ts';

describe('createRules', () => {
  it('gives a push the first rule added that still applies at its hop', () => {
    const rules = createRules(1);
    const first = rules.add({ status: 500, calls: 2, fault: 'a' }, 'sink');
    rules.add({ status: 429, fault: 'b' }, 'sink');
    rules.add({ silent: true, fault: 'c' }, 'relay');
    expect(['sink', 'sink', 'sink', 'relay'].map((hop) => rules.match(hop)?.fault)).toEqual(['a', 'a', 'b', 'c']);
    expect([rules.remove(first), rules.remove(first)]).toEqual([true, false]);
    expect(rules.match('elsewhere')).toBeNull();
  });

  it('hits its share of the pushes, the same ones for the same seed', () => {
    const hits = (seed: number) => {
      const rules = createRules(seed);
      rules.add({ status: 500, share: 0.3, fault: 'a' }, 'sink');
      return Array.from({ length: 1_000 }, () => rules.match('sink') !== null);
    };
    const count = hits(7).filter(Boolean).length;
    expect(count).toBeGreaterThan(250);
    expect(count).toBeLessThan(350);
    expect(hits(7)).toEqual(hits(7));
    expect(hits(8)).not.toEqual(hits(7));
  });
});

describe('createFaultAnswer', () => {
  const pushed = [
    {
      labels: '{a="b"}',
      entries: [
        { tsNs: 1_790_000_000_123_456_789n, line: 'say "x"' },
        { tsNs: 1n, line: 'y' },
      ],
    },
  ];
  const size = encodeProtobuf(pushed).length;
  const bodies = [
    ['/loki/api/v1/push', encodeSnappy(pushed), 'x/p'],
    ['/api/prom/push', encodeLegacyJson(pushed), 'application/json'],
  ] as const;
  const answer = (rule: Parameters<typeof createFaultAnswer>[0], at = 0) => {
    const [path, body, contentType] = bodies[at]!;
    const scanner = createLineIdScanner('r1a2b3', []);
    return createFaultAnswer(
      rule,
      scanPush(scanner, { body, contentType, contentEncoding: '', wrapper: { kind: 'raw' } }),
      path,
    );
  };

  it.each([0, 1])('tells the protobuf size of the very push (format %i)', (at) => {
    expect(answer({ status: 500, body: 'resource-exhausted', fault: 'f' }, at)).toEqual({
      status: 500,
      headers: { 'content-type': 'text/plain; charset=utf-8' },
      body: `rpc error: code = ResourceExhausted desc = grpc: received message larger than max (${size} vs. 4194304)\n`,
    });
  });

  it('speaks as Loki does by default, and with free text when told to', () => {
    const limited = answer({ status: 429, retryAfter: 3, fault: 'f' });
    expect(limited.headers['retry-after']).toBe('3');
    expect(limited.body).toMatch(/^ingestion rate limit exceeded .* '2' lines totaling '8' bytes, /);
    expect(answer({ status: 503, body: 'rate-limited', fault: 'f' }).body).toBe(limited.body);
    expect(answer({ status: 500, fault: 'f' }).body).toBe('Ingester is shutting down\n');
    expect(answer({ status: 503, fault: 'f' }).body).toBe('Service Unavailable\n');
    expect(answer({ status: 400, body: 'go away', fault: 'f' }).body).toBe('go away\n');
    expect(answer({ status: 413, fault: 'f' }).body).toMatch(
      /^request body too large: \d+ bytes, limit: 4194304 bytes\n$/,
    );
    expect(answer({ status: 204, body: 'x', fault: 'f' })).toEqual({ status: 204, headers: {}, body: '' });
  });
});
