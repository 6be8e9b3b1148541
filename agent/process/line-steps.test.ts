import { expect, test } from 'vitest';
import { message } from '../testing/forward-messages.ts';
import { startAgent } from '../testing/start-agent.ts';

async function run(yaml: string, lines: { tag?: string; log: string; ms?: number }[]) {
  const world = await startAgent(yaml);
  const sender = world.connect();
  for (const { tag = 'web.front', log, ms = 0 } of lines) {
    sender.send(message({ tag, log }));
    await world.clock.advance(ms);
  }
  await world.clock.advance(5000);
  const entries = world.entries().map(({ labels, line }) => ({ labels, line: line.toString() }));
  const { received, accounted } = world.books();
  expect(accounted).toBe(received);
  return { ...world, stored: entries, out: entries.map(({ line }) => line) };
}

test('lines are scrubbed before anything else looks at them, and labels have what is left', async () => {
  const { stored, metric } = await run(
    'process: { scrub: { ipv4: truncate, login: mask } }\nlabels: { instance: h, json: { who: user } }',
    [{ log: '{"ip":"203.0.113.7","user":"alice"}' }, { log: 'from 203.0.113.7' }],
  );
  expect(stored.map(({ line }) => line).sort()).toEqual(['from 203.0.113.0', '{"ip":"203.0.113.0","user":"[login]"}']);
  expect(stored.find(({ line }) => line.startsWith('{'))?.labels).toContain('who="[login]"');
  expect(metric('scrubbed_values_total')).toBe(3);
});

test('labels come from keys of JSON lines, are renamed, and are left out', async () => {
  const { stored } = await run(
    'labels: { instance: h, rename: { service: part }, remove: [tag], static: { env: prod }, json: { level: level, code: "status code" } }',
    [
      { log: '{"level":"info","status code":200}' },
      { log: '{"level":"warn"}' },
      { log: 'no json' },
      { log: '{"status code":200,"level":"info"}' },
    ],
  );
  const labels = new Map(stored.map(({ labels, line }) => [line, labels]));
  expect(labels.get('{"level":"info","status code":200}')).toBe(
    '{app="web", code="200", env="prod", instance="h", level="info", part="front"}',
  );
  expect(labels.get('{"status code":200,"level":"info"}')).toBe(labels.get('{"level":"info","status code":200}'));
  expect(labels.get('{"level":"warn"}')).toBe('{app="web", env="prod", instance="h", level="warn", part="front"}');
  expect(labels.get('no json')).toBe('{app="web", env="prod", instance="h", part="front"}');
});

test('a label of too many values falls back to the stream without it, and nothing is lost', async () => {
  const lines = Array.from({ length: 50 }, (_, i) => ({ log: `{"id":"${i}"}` }));
  const { stored, metric } = await run('labels: { instance: h, streamsMax: 10, json: { id: id } }', lines);
  expect(stored.length).toBe(50);
  expect(new Set(stored.map(({ labels }) => labels)).size).toBe(10);
  expect(metric('stream_overflow_records_total')).toBe(41);
});

test('filters drop and keep by labels, text and pattern, in order, and what they drop is counted', async () => {
  const { out, agent } = await run(
    `process: { filters: [ { when: { app: "noisy*" }, drop: all }, { drop: { contains: "GET /health" } },
       { when: { service: back }, keep: { pattern: "^(ERROR|WARN) " } } ] }`,
    [
      { tag: 'noisy-1.x', log: 'a' },
      { log: 'GET /health 200' },
      { log: 'GET /' },
      { tag: 'web.back', log: 'INFO x' },
      { tag: 'web.back', log: 'ERROR y' },
    ],
  );
  expect(out.sort()).toEqual(['ERROR y', 'GET /']);
  expect(agent.metrics()).toContain('records_dropped_total{app="noisy-1",reason="filtered"} 1');
  expect(agent.metrics()).toContain('records_dropped_total{app="web",reason="filtered"} 2');
});

test('a noisy app is held to its rate, over all its streams, and costs the others nothing', async () => {
  const noise = Array.from({ length: 300 }, (_, i) => ({ tag: `noisy.${i % 3}`, log: `${i}`, ms: 10 }));
  const { stored, metric } = await run(
    'process: { rateLimit: [ { when: { app: noisy }, linesPerSecond: 10, burst: 20 } ] }',
    [...noise, { tag: 'quiet.x', log: 'here' }],
  );
  expect(stored.filter(({ labels }) => labels.includes('app="quiet"')).length).toBe(1);
  expect(stored.length - 1).toBeGreaterThanOrEqual(49);
  expect(stored.length - 1).toBeLessThanOrEqual(51);
  expect(metric('records_dropped_total')).toBe(301 - stored.length);
});

test('lines of one event become one entry, streams apart, the last one after its timeout', async () => {
  const { out } = await run('process: { multiline: [ { when: { app: java }, start: "^\\\\S", timeout: 500ms } ] }', [
    { tag: 'java.x', log: 'Exception: a' },
    { tag: 'web.x', log: '  indented' },
    { tag: 'java.x', log: '  at b' },
    { tag: 'java.y', log: 'other' },
    { tag: 'java.x', log: '  at c' },
  ]);
  expect(out.sort()).toEqual(['  indented', 'Exception: a\n  at b\n  at c', 'other']);
});

test('what is held back at the stop is delivered', async () => {
  const { agent, clock, connect, entries } = await startAgent(
    'process: { multiline: [ { start: "^x", timeout: 60s } ] }',
  );
  connect().send(message({ log: 'x held' }));
  const stopped = agent.stop();
  await clock.advance(10_000);
  expect((await stopped).sent).toBe(1);
  expect(entries().map(({ line }) => line.toString())).toEqual(['x held']);
});

test('an own line of an agent is dropped behind all steps too', async () => {
  const { out, agent } = await run('process: { scrub: { ipv4: hash, ipv6: hash, login: hash } }', [
    { log: '^larsen-agent:00112233445566aa^ warn W_X at 1.2.3.4' },
  ]);
  expect(out).toEqual([]);
  expect(agent.metrics()).toContain('reason="self"} 1');
});
