// Small batches that go out as one push: the bytes are those of all of them, acks come as before, and the books close.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FakeFiles } from '../testing/fake-files.ts';
import { message } from '../testing/forward-messages.ts';
import { readLines, readPush } from '../testing/read-push.ts';
import { startAgent } from '../testing/start-agent.ts';
import { mergeBatches } from './merge-batches.ts';
import { splitBatch } from './split-batch.ts';

const DISK = 'buffer: { type: disk, path: /buffer, fsync: never }';

async function start(yaml: string, files = new FakeFiles()) {
  const state = { isUp: true, stored: [] as string[], pushes: [] as number[] };
  const world = await startAgent(yaml, files, (push) => {
    if (!state.isUp) return { status: 503 };
    state.stored.push(...readLines(push.body));
    state.pushes.push(readPush(push.body).length);
    return { status: 204 };
  });
  return { world, state, sender: world.connect() };
}

test('a sender that waits for each ack gets it within 20 ms, and its lines go out once a second, not one by one', async () => {
  const { world, state, sender } = await start(DISK);
  const sent: string[] = [];
  let worstMs = 0;
  while (world.clock.nowMs() < 10_000) {
    const log = `line ${sent.length}`;
    const sinceMs = world.clock.nowMs();
    sender.send(message({ log, option: { chunk: log } }));
    sent.push(log);
    while (sender.answers.length < sent.length) await world.clock.advance(1);
    worstMs = Math.max(worstMs, world.clock.nowMs() - sinceMs);
  }
  expect(worstMs).toBeLessThanOrEqual(20);
  await world.clock.advance(2000);
  expect(state.stored).toEqual(sent);
  expect(sent.length).toBeGreaterThan(500);
  expect(state.pushes.length).toBeLessThanOrEqual(12);
  expect(world.books()).toEqual({ received: sent.length, accounted: sent.length });
});

test('what waits for company is pushed at the age of a batch, at its bound, and at the stop', async () => {
  const { world, state, sender } = await start(
    `${DISK}\nbatch: { ageMax: 30s, entriesMax: 100, decodedMax: 64KiB }\nlineMax: 32KiB`,
  );
  const send = async (count: number, size: number) => {
    for (let i = 0; i < count; i++) {
      sender.send(message({ log: 'x'.repeat(size), option: { chunk: 'c' } }));
      await world.clock.advance(6);
    }
  };
  await send(3, 10);
  await world.clock.advance(29_000);
  expect(state.pushes).toEqual([]);
  await world.clock.advance(1000);
  expect(state.pushes).toEqual([3]);
  await send(20, 7000);
  expect(state.pushes.length).toBeGreaterThan(1);
  const stopped = world.agent.stop();
  await world.clock.advance(2000);
  expect(await stopped).toMatchObject({ received: 23, sent: 23, kept: 0 });
});

test.each(['', DISK])('after an outage small batches go out in full pushes, in order: %j', async (yaml) => {
  const { world, state, sender } = await start(`${yaml}\nbatch: { ageMax: 100ms }`);
  state.isUp = false;
  for (let i = 0; i < 300; i++) {
    sender.send(message({ log: `line ${i}` }));
    await world.clock.advance(110);
  }
  state.isUp = true;
  await world.clock.advance(10_000);
  expect(state.stored).toEqual(Array.from({ length: 300 }, (_, i) => `line ${i}`));
  expect(state.pushes.length).toBeLessThan(5);
  expect(world.books()).toEqual({ received: 300, accounted: 300 });
});

test('a kill between merging and the answer costs no acked line; what was merged is on disk once each', async () => {
  const files = new FakeFiles();
  const { world, state, sender } = await start(DISK, files);
  state.isUp = false;
  for (let i = 0; i < 50; i++) {
    sender.send(message({ log: `line ${i}`, option: { chunk: 'c' } }));
    await world.clock.advance(20);
  }
  await world.clock.advance(3000);
  const next = await start(DISK, files.crash());
  await next.world.clock.advance(5000);
  expect([...next.state.stored].sort()).toEqual(Array.from({ length: 50 }, (_, i) => `line ${i}`).sort());
});

test('any batches merged hold all their entries in order, and can be split again', async () => {
  const line = fc.record({ log: fc.string({ maxLength: 300 }), tag: fc.constantFrom('a', 'b') });
  await fc.assert(
    fc.asyncProperty(fc.array(line, { minLength: 4, maxLength: 20 }), async (lines) => {
      const one = await startAgent('batch: { entriesMax: 3 }');
      const sender = one.connect();
      for (const each of lines) sender.send(message(each));
      await one.clock.advance(3000);
      expect(one.entries().map((entry) => entry.line.toString())).toHaveLength(lines.length);
      const batches = one.net.pushes.map(({ body }, i) => {
        const entries = readPush(body);
        const parts = [...new Set(entries.map(({ labels }) => labels))].map((labels) => ({
          labels,
          counters: {} as never,
          entries: entries.filter((entry) => entry.labels === labels).length,
        }));
        const decodedBytes = sizeOf(body);
        return {
          sequence: i,
          bytes: body,
          capacityBytes: body.length,
          decodedBytes,
          entries: entries.length,
          parts,
          sinceMs: 0,
          attempts: 0,
          throttled: 0,
        };
      });
      const merged = mergeBatches(batches as [(typeof batches)[0]]);
      const all = batches.flatMap(({ bytes }) => readPush(bytes));
      expect(readPush(merged.bytes)).toEqual(all);
      expect([merged.entries, merged.decodedBytes]).toEqual([all.length, sizeOf(merged.bytes)]);
      const halves = splitBatch(merged) ?? [merged];
      expect(halves.flatMap(({ bytes }) => readPush(bytes))).toEqual(all);
    }),
    { numRuns: 30 },
  );
});

/** The decoded length that the preamble claims. */
function sizeOf(bytes: Uint8Array): number {
  let size = 0;
  for (let i = 0; i < 5; i++) {
    const byte = bytes[i] as number;
    size |= (byte & 0x7f) << (7 * i);
    if (byte < 0x80) break;
  }
  return size;
}
