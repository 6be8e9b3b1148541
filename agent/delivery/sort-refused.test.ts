// Partial accepts, in virtual time: what the answer names is poison, its neighbours are stored, and the books say so.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FakeFiles } from '../testing/fake-files.ts';
import { eventTime, message } from '../testing/forward-messages.ts';
import { type PushedEntry, readPush } from '../testing/read-push.ts';
import { startAgent } from '../testing/start-agent.ts';

const BASE = 1_763_900_000;
const goTime = (ns: bigint): string => {
  const text = new Date(Number(ns / 1_000_000n)).toISOString();
  const fraction = (ns % 1_000_000_000n).toString().padStart(9, '0').replace(/0+$/, '');
  return `${text.slice(0, 10)} ${text.slice(11, 19)}${fraction === '' ? '' : `.${fraction}`} +0000 UTC`;
};

/** As Loki answers: at most ten entries of a stream are listed, then how many it was. */
function ignored(entries: readonly PushedEntry[], poison: ReadonlySet<string>): string | undefined {
  const texts: string[] = [];
  for (const labels of new Set(entries.map((entry) => entry.labels))) {
    const stream = entries.filter((entry) => entry.labels === labels);
    const bad = stream.filter(({ line }) => poison.has(line.toString()));
    if (bad.length === 0) continue;
    for (const { ns } of bad.slice(0, 10))
      texts.push(`entry with timestamp ${goTime(ns)} ignored, reason: 'entry out of order',`);
    texts.push(`user 'fake', total ignored: ${bad.length} out of ${stream.length} for stream: ${labels}`);
  }
  return texts.length > 0 ? texts.join('\n') : undefined;
}

async function run(poison: ReadonlySet<string>, tags: readonly string[], yaml = 'deadLetters: { path: /dead }') {
  const stored = new Map<string, number>();
  const world = await startAgent(yaml, new FakeFiles(), (push) => {
    const entries = readPush(push.body);
    const body = ignored(entries, poison);
    for (const { line } of entries)
      if (!poison.has(line.toString())) stored.set(line.toString(), (stored.get(line.toString()) ?? 0) + 1);
    return body === undefined ? { status: 204 } : { status: 400, body };
  });
  const sender = world.connect();
  for (const [i, tag] of tags.entries())
    sender.send(message({ log: `line ${i}`, tag, time: eventTime(BASE + i, i * 1000) }));
  for (let i = 0; i < 60; i++) await world.clock.advance(50);
  const letters = world.files.paths.includes('/dead/dead-letters.jsonl')
    ? world.files
        .content('/dead/dead-letters.jsonl')
        .toString()
        .trimEnd()
        .split('\n')
        .map((row) => JSON.parse(row).line as string)
    : [];
  return { world, stored, letters };
}

test('the one that is named is a dead letter; its neighbours are stored by the first push, and counted so', async () => {
  const tags = Array.from({ length: 100 }, (_, i) => (i % 2 ? 'a' : 'b'));
  const { world, stored, letters } = await run(new Set(['line 17', 'line 40']), tags);
  expect([...letters].sort()).toEqual(['line 17', 'line 40']);
  expect(world.net.pushes.length).toBe(1);
  expect([stored.size, new Set(stored.values())]).toEqual([98, new Set([1])]);
  expect([world.metric('records_sent_total'), world.metric('records_rejected_total')]).toEqual([98, 2]);
});

test('whatever is poison, and however few of it the answer names: dead letters are the poison, the rest is stored', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(fc.constantFrom('a', 'b'), fc.boolean()), { maxLength: 60 }), async (lines) => {
      const poison = new Set(lines.flatMap(([, isPoison], i) => (isPoison ? [`line ${i}`] : [])));
      const { world, stored, letters } = await run(
        poison,
        lines.map(([tag]) => tag),
      );
      expect(new Set(letters)).toEqual(poison);
      expect(letters.length).toBe(poison.size);
      expect(stored.size).toBe(lines.length - poison.size);
      expect(world.metric('records_rejected_total')).toBe(poison.size);
      expect(world.books()).toEqual({ received: lines.length, accounted: lines.length });
    }),
    { numRuns: 40 },
  );
});

test('without dead letters nothing is pushed twice, and the numbers are those of the answer', async () => {
  const poison = new Set(Array.from({ length: 30 }, (_, i) => `line ${i}`));
  const { world, stored } = await run(
    poison,
    Array.from({ length: 50 }, () => 'a'),
    'health: {}',
  );
  expect(world.net.pushes.length).toBe(1);
  expect([world.metric('records_sent_total'), world.metric('records_rejected_total')]).toEqual([20, 30]);
  expect(stored.size).toBe(20);
});

test.each([
  [
    'all of a stream whose labels are refused, under the name that Loki 3 gives it',
    (labels: string) =>
      `entry for stream '${labels.replace('tag=', 'service_name="a", tag=')}' has 17 label names; limit 15`,
    ['line 0', 'line 2'],
    'bad_labels',
  ],
  [
    'those before the oldest time that is acceptable',
    (labels: string) =>
      `entry for stream '${labels}' has timestamp too old: 2025-11-23T12:13:20Z, oldest acceptable timestamp is: 2025-11-23T12:13:22Z`,
    ['line 0'],
    'too_old',
  ],
])('%s', async (_, describe, poison, reason) => {
  const world = await startAgent('deadLetters: { path: /dead }', new FakeFiles(), (push, n) => {
    const labels = readPush(push.body).find((entry) => entry.labels.includes('tag="a"'))?.labels ?? '';
    return n === 0 ? { status: 400, body: describe(labels) } : { status: 204 };
  });
  const sender = world.connect();
  for (const [i, tag] of ['a', 'b', 'a', 'b'].entries())
    sender.send(message({ log: `line ${i}`, tag, time: eventTime(BASE + i, 1) }));
  await world.clock.advance(3000);
  const letters = world.files.content('/dead/dead-letters.jsonl').toString().trimEnd().split('\n');
  expect(letters.map((row) => JSON.parse(row).line)).toEqual(poison);
  expect(world.agent.metrics()).toContain(`reason="${reason}",output="loki"} ${poison.length}`);
  expect(world.books()).toEqual({ received: 4, accounted: 4 });
});
