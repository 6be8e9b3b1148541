// Several outputs side by side in virtual time: each gets everything, and none is another's trouble.

import { expect, test } from 'vitest';
import { message } from './testing/forward-messages.ts';
import { noise } from './testing/noise.ts';
import { readLines } from './testing/read-push.ts';
import { startAgent } from './testing/start-agent.ts';

const two = (policy = 'drop-oldest', more = '') =>
  `outputs: [{ type: loki, url: "http://a", ${more} buffer: { policy: ${policy}, memoryMax: 4MiB } }, { type: loki, name: other, url: "http://b" }]\nbuffer: { memoryMax: 4MiB }`;

async function start(yaml: string) {
  const world = await startAgent(yaml);
  const stored = { a: [] as string[], b: [] as string[] };
  const down = new Set<string>();
  world.net.script = (push) => {
    const sink = push.url.startsWith('http://a') ? 'a' : 'b';
    if (down.has(sink)) return { status: 500 };
    stored[sink].push(...readLines(push.body));
    return { status: 204 };
  };
  return { world, stored, down };
}

const count = (world: Awaited<ReturnType<typeof start>>['world'], name: string, output: string) =>
  world.metric(name, `output="${output}"`);

test('every output gets every line', async () => {
  const { world, stored } = await start(two());
  const sender = world.connect();
  const sent = Array.from({ length: 500 }, (_, i) => `line ${i}`);
  for (const log of sent) sender.send(message({ log }));
  await world.clock.advance(2000);
  expect(stored).toEqual({ a: sent, b: sent });
  expect([count(world, 'records_sent_total', 'loki'), count(world, 'records_sent_total', 'other')]).toEqual([500, 500]);
});

test('a dead output fills its own buffer only, and the books of both close', async () => {
  const { world, stored, down } = await start(two());
  down.add('a');
  const sender = world.connect();
  for (let i = 0; i < 200; i++) {
    sender.send(message({ log: noise(60_000, i).toString('latin1') }));
    await world.clock.advance(50);
  }
  await world.clock.advance(5000);
  expect(stored.b.length).toBe(200);
  expect(stored.a.length).toBe(0);
  for (const output of ['loki', 'other']) {
    const ends = ['records_sent_total', 'records_dropped_total', 'records_rejected_total', 'records_buffered'];
    expect(ends.reduce((sum, name) => sum + count(world, name, output), 0)).toBe(200);
  }
  expect(count(world, 'records_dropped_total', 'loki')).toBeGreaterThan(100);
  expect(count(world, 'records_dropped_total', 'other')).toBe(0);
  expect(count(world, 'buffer_bytes', 'loki')).toBeLessThanOrEqual(4 * 1_048_576);
  down.clear();
  await world.clock.advance(30_000);
  expect(stored.a.length).toBe(200 - count(world, 'records_dropped_total', 'loki'));
});

test('on disk too: a dead output fills its own folder only, whatever it drops, and the other is not later for it', async () => {
  const yaml =
    'outputs: [{ type: loki, url: "http://a", buffer: { diskMax: 4MiB } }, { type: loki, name: other, url: "http://b" }]\nbuffer: { type: disk, path: /buffer, memoryMax: 4MiB, segmentMax: 512KiB, fsync: never }';
  const { world, stored, down } = await start(yaml);
  down.add('a');
  const sender = world.connect();
  for (let i = 0; i < 200; i++) {
    sender.send(message({ log: noise(60_000, i).toString('latin1') }));
    await world.clock.advance(50);
    expect(stored.b.length).toBeGreaterThanOrEqual(i - 25);
  }
  await world.clock.advance(5000);
  expect([stored.a.length, stored.b.length]).toEqual([0, 200]);
  expect(count(world, 'disk_bytes', 'loki')).toBeLessThanOrEqual(4.2 * 1_048_576);
  expect(count(world, 'records_dropped_total', 'loki')).toBeGreaterThan(100);
  expect(count(world, 'records_dropped_total', 'other')).toBe(0);
  down.clear();
  await world.clock.advance(30_000);
  expect(stored.a.length).toBe(200 - count(world, 'records_dropped_total', 'loki'));
});

test('an output whose policy is block stops the reading, until it has drained', async () => {
  const { world, stored, down } = await start(two('block'));
  down.add('a');
  const sender = world.connect();
  let sent = 0;
  while (!sender.state.paused && sent < 300) {
    sender.send(message({ log: noise(60_000, sent++).toString('latin1') }));
    await world.clock.advance(50);
  }
  expect(sender.state.paused).toBe(true);
  expect(world.agent.health().reason).toBeDefined();
  down.clear();
  await world.clock.advance(30_000);
  expect(sender.state.paused).toBe(false);
  expect([stored.a.length, stored.b.length]).toEqual([sent, sent]);
});

test('outputs of one type get names of their own, a name given twice is an error', async () => {
  const { world } = await start('outputs: [{ type: loki, url: "http://a" }, { type: loki, url: "http://b" }]');
  expect(world.agent.metrics()).toContain('records_buffered{output="loki-2"}');
  await expect(
    start('outputs: [{ type: loki, name: x, url: "http://a" }, { type: loki, name: x, url: "http://b" }]'),
  ).rejects.toThrow('got "x" twice');
});
