// A sink that is down refuses connections, and the fault has seen so itself.

import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { sinkDown } from './sink-down.ts';
import { createFakeWorld, type FakeWorld, pushEvent } from './testing/fake-world.ts';

const WINDOW = { fromNs: 1_000, toNs: 2_000 };

/** Injects and heals at times inside the window. */
async function goDown(fake: FakeWorld): Promise<void> {
  fake.add(pushEvent({ startedNs: 500, answeredNs: 600, status: 204 }));
  fake.atNs = 1_010;
  await sinkDown.inject(fake.world, {});
  fake.atNs = 1_990;
  await sinkDown.heal(fake.world, {});
}

/** A port that nobody listens on. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test('stops the sink, sees that it refuses, and starts it again', async () => {
  const fake = createFakeWorld({ url: `http://127.0.0.1:${await closedPort()}` });
  await goDown(fake);
  expect(fake.calls).toEqual(['sink stop', 'sink start']);
  expect(await sinkDown.bit(fake.history(), WINDOW)).toEqual(['history#1', 'history#2', 'history#3']);
});

test('a sink that still accepts connections is no evidence', async () => {
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const fake = createFakeWorld({ url: `http://127.0.0.1:${(server.address() as { port: number }).port}` });
  await goDown(fake);
  expect(await sinkDown.bit(fake.history(), WINDOW)).toEqual([]);
  await new Promise((resolve) => server.close(resolve));
});

test('a push that was accepted while it was down is evidence against it', async () => {
  const fake = createFakeWorld({ url: `http://127.0.0.1:${await closedPort()}` });
  await goDown(fake);
  fake.add(pushEvent({ startedNs: 1_500, answeredNs: 1_600, status: 204 }));
  expect(await sinkDown.bit(fake.history(), WINDOW)).toEqual([]);
});

test('without a push before, and without an address, nothing is proven', async () => {
  const silent = createFakeWorld({ url: `http://127.0.0.1:${await closedPort()}` });
  await sinkDown.inject(silent.world, {});
  expect(await sinkDown.bit(silent.history(), WINDOW)).toEqual([]);
  const blind = createFakeWorld();
  await goDown(blind);
  expect(await sinkDown.bit(blind.history(), WINDOW)).toEqual([]);
});
