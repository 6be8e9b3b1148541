// What the agent makes of every answer of a sink, in virtual time: retries, splits, refusals, a full buffer, the stop.
// In each of them the books must close.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Script } from '../testing/fake-net.ts';
import { message } from '../testing/forward-messages.ts';
import { noise } from '../testing/noise.ts';
import { readLines, readPush } from '../testing/read-push.ts';
import { startAgent } from '../testing/start-agent.ts';

type World = Awaited<ReturnType<typeof startAgent>>;

/** Lines of the pushes that were answered with 204. */
async function run(script: Script, options: { yaml?: string; lines?: number; ms?: number } = {}) {
  const world = await startAgent(options.yaml);
  const stored: string[] = [];
  const pushedAtMs: number[] = [];
  world.net.script = (push, n) => {
    pushedAtMs.push(world.clock.nowMs());
    const answer = script(push, n);
    if (!(answer instanceof Error) && answer !== 'silence' && answer.status === 204)
      stored.push(...readLines(push.body));
    return answer;
  };
  const sender = world.connect();
  const sent = Array.from({ length: options.lines ?? 3 }, (_, i) => `line ${i}`);
  for (const log of sent) sender.send(message({ log }));
  await world.clock.advance(options.ms ?? 60_000);
  return { world, sent, stored, pushedAtMs };
}

function expectClosedBooks(world: World, entries: number): void {
  expect(world.books()).toEqual({ received: entries, accounted: entries });
}

test.each([
  ['500', { status: 500 }],
  ['503 with an HTML page', { status: 503, contentType: 'text/html', body: '<h1>no</h1>' }],
  ['429', { status: 429 }],
  ['a refused connection', Object.assign(new Error('x'), { code: 'ECONNREFUSED' })],
  ['an answer that never comes', 'silence' as const],
])('%s is tried again until it is accepted', async (_, trouble) => {
  const { world, sent, stored } = await run((_push, n) => (n < 4 ? trouble : { status: 204 }), { ms: 120_000 });
  expect(stored).toEqual(sent);
  expect(world.metric('retries_total')).toBe(4);
  expectClosedBooks(world, 3);
});

test('waits grow to their bound and differ from each other', async () => {
  const { pushedAtMs } = await run(() => ({ status: 500 }), { ms: 120_000 });
  const waits = pushedAtMs.slice(1).map((at, i) => at - (pushedAtMs[i] as number));
  expect(waits[0]).toBeLessThanOrEqual(250);
  expect(Math.max(...waits)).toBeLessThanOrEqual(5000);
  expect(Math.min(...waits.slice(6))).toBeGreaterThanOrEqual(2500);
  expect(new Set(waits.slice(6)).size).toBeGreaterThan(5);
});

test('many agents that lost their sink at one moment do not come back at one moment', async () => {
  const firstMs: number[] = [];
  for (let agent = 0; agent < 20; agent++) {
    const world = await startAgent('batch: { ageMax: 1ms }');
    // Each host has its own chance; here it is its place in a row of draws.
    for (let draw = 0; draw < agent; draw++) world.random.next();
    world.net.script = () => {
      const isBack = world.clock.nowMs() >= 60_000;
      if (isBack) firstMs.push(world.clock.nowMs());
      return { status: isBack ? 204 : 503 };
    };
    world.connect().send(message());
    await world.clock.advance(70_000);
  }
  expect(firstMs.length).toBe(20);
  const windows = new Map<number, number>();
  for (const ms of firstMs) windows.set(Math.floor(ms / 500), (windows.get(Math.floor(ms / 500)) ?? 0) + 1);
  expect(Math.max(...windows.values())).toBeLessThanOrEqual(8);
});

test('Retry-After is honoured, in seconds and as a date, within a minute', async () => {
  const inSeconds = await run((_p, n) => (n === 0 ? { status: 429, retryAfter: '7' } : { status: 204 }));
  expect((inSeconds.pushedAtMs[1] as number) - (inSeconds.pushedAtMs[0] as number)).toBeGreaterThanOrEqual(7000);
  const asDate = await run((_p, n) =>
    n === 0 ? { status: 503, retryAfter: new Date(1_763_900_020_000).toUTCString() } : { status: 204 },
  );
  expect(asDate.pushedAtMs[1]).toBeGreaterThanOrEqual(20_000);
  const forever = await run((_p, n) => (n === 0 ? { status: 429, retryAfter: '999999' } : { status: 204 }), {
    ms: 80_000,
  });
  expect(forever.stored.length).toBe(3);
});

test('a batch larger than the sink takes is halved until it fits, in order, and the limit is learned', async () => {
  const limit = 100_000;
  const world = await startAgent();
  const stored: string[] = [];
  world.net.script = (push) => {
    const size = readPush(push.body).reduce((sum, entry) => sum + entry.line.length + 24, 0);
    if (size > limit)
      return {
        status: 500,
        body: `rpc error: code = ResourceExhausted desc = grpc: received message larger than max (${size} vs. ${limit})\n`,
      };
    stored.push(...readLines(push.body));
    return { status: 204 };
  };
  const sender = world.connect();
  const sent = Array.from({ length: 900 }, (_, i) => `${i}:`.padEnd(1000, 'x'));
  for (const [i, log] of sent.entries()) sender.send(message({ log, tag: i % 3 === 0 ? 'a' : 'b' }));
  await world.clock.advance(60_000);
  expect([...stored].sort()).toEqual([...sent].sort());
  for (const rest of [0, 1, 2]) {
    const own = stored.map((line) => Number.parseInt(line, 10)).filter((i) => i % 3 === rest);
    expect(own).toEqual([...own].sort((x, y) => x - y));
  }
  expectClosedBooks(world, 900);
  const before = world.net.pushes.length;
  for (const log of sent) sender.send(message({ log }));
  await world.clock.advance(60_000);
  expect(world.metric('batches_split_total')).toBeLessThan(20);
  expect(world.net.pushes.length - before).toBeLessThan(15);
});

test('a small batch that is called too large is tried again, not taken apart', async () => {
  const tooLarge =
    'rpc error: code = ResourceExhausted desc = grpc: received message larger than max (5186961 vs. 4194304)';
  const { world, stored } = await run((_push, n) => (n < 3 ? { status: 500, body: tooLarge } : { status: 204 }), {
    lines: 5,
    ms: 60_000,
  });
  expect(stored.length).toBe(5);
  expect(world.metric('batches_split_total')).toBe(0);
  expectClosedBooks(world, 5);
});

test('413 halves too, and a single entry that is too large is dropped and counted', async () => {
  const { world, stored } = await run(
    (push) => (readLines(push.body).includes('line 2') ? { status: 413 } : { status: 204 }),
    { lines: 5 },
  );
  expect(stored).toEqual(['line 0', 'line 1', 'line 3', 'line 4']);
  expect(world.agent.metrics()).toContain(
    'larsen_agent_records_dropped_total{app="video",reason="oversize",output="loki"} 1',
  );
  expectClosedBooks(world, 5);
});

test('400 is a partial accept: never sent again, and the refused are counted as the answer says', async () => {
  const labels = '{app="video", instance="host-1", service="peertube", tag="video.peertube"}';
  const { world, pushedAtMs } = await run(() => ({
    status: 400,
    body: `entry with timestamp x ignored, reason: 'entry too far behind',\nuser 'fake', total ignored: 2 out of 3 for stream: ${labels}\n`,
  }));
  expect(pushedAtMs.length).toBe(1);
  expect(world.metric('records_rejected_total')).toBe(2);
  expect(world.metric('records_sent_total')).toBe(1);
  expectClosedBooks(world, 3);
});

test('400 without a count is counted as unknown', async () => {
  const { world, pushedAtMs } = await run(() => ({ status: 400, body: 'max entry size exceeded' }));
  expect(pushedAtMs.length).toBe(1);
  expect(world.agent.metrics()).toContain('reason="refused_unknown",output="loki"} 3');
  expectClosedBooks(world, 3);
});

test('260 is no success: ingestion is blocked, and that is counted', async () => {
  const { world } = await run(() => ({ status: 260, body: 'ingestion blocked' }));
  expect(world.agent.metrics()).toContain(
    'larsen_agent_records_rejected_total{app="video",reason="ingestion_blocked",output="loki"} 3',
  );
  expectClosedBooks(world, 3);
});

test.each([
  ['401', { status: 401 }],
  ['403', { status: 403 }],
  ['404', { status: 404 }],
  ['a redirect', { status: 308 }],
  ['a page of a proxy', { status: 200, contentType: 'text/html; charset=utf-8', body: '<html>' }],
])('%s turns health red at once, keeps the lines and tries seldom', async (_, trouble) => {
  let isFixed = false;
  const { world, stored, pushedAtMs } = await run(() => (isFixed ? { status: 204 } : trouble), { ms: 300_000 });
  expect(pushedAtMs.length).toBeLessThan(30);
  expect(world.net.page?.('/health')?.status ?? (world.agent.health().healthy ? 200 : 503)).toBe(503);
  isFixed = true;
  await world.clock.advance(60_000);
  expect(stored.length).toBe(3);
  expect(world.agent.health()).toEqual({ healthy: true });
});

test('many answers of 429 in a row halve the batch: it may exceed what the burst can ever hold', async () => {
  const { stored } = await run((push) => (readLines(push.body).length > 2 ? { status: 429 } : { status: 204 }), {
    lines: 8,
    ms: 600_000,
  });
  expect(stored).toEqual(Array.from({ length: 8 }, (_, i) => `line ${i}`));
});

test('after 429 the backlog is paced, and the pace recovers', async () => {
  const world = await startAgent('batch: { entriesMax: 1 }');
  const sender = world.connect();
  const times: number[] = [];
  world.net.script = (_push, n) => {
    times.push(world.clock.nowMs());
    return n < 3 ? { status: 429 } : { status: 204 };
  };
  for (let i = 0; i < 60; i++) sender.send(message({ log: `${i}` }));
  await world.clock.advance(60_000);
  expect(times.length).toBe(63);
  expect((times[4] as number) - (times[3] as number)).toBeGreaterThanOrEqual(400);
  expect((times[62] as number) - (times[61] as number)).toBeLessThan(5);
});

test('with one push in flight retries keep the order, and never two fly at once', async () => {
  let flying = 0;
  const { stored, sent } = await run(
    (_push, n) => {
      expect(++flying).toBe(1);
      queueMicrotask(() => flying--);
      return n % 3 === 1 ? { status: 500 } : { status: 204 };
    },
    { lines: 100, yaml: 'batch: { entriesMax: 7 }' },
  );
  expect(stored).toEqual(sent);
});

test.each(['memory', 'disk'])('a piece of a batch that is tried again keeps its place: %s', async (type) => {
  // Halved until two lines fit; every other push of a piece fails once.
  const { world, sent, stored } = await run(
    (push, n) => {
      if (readLines(push.body).length > 2) return { status: 413 };
      return { status: n % 2 === 0 ? 500 : 204 };
    },
    { lines: 17, yaml: `buffer: { type: ${type}${type === 'disk' ? ', path: /buffer' : ''} }` },
  );
  expect(stored).toEqual(sent);
  expectClosedBooks(world, 17);
});

test.each(['memory', 'disk'])(
  'halves of a batch over encodedMax go out in order, also when tried again: %s',
  async (type) => {
    const stored: string[] = [];
    const buffer = `buffer: { type: ${type}, memoryMax: 16MiB${type === 'disk' ? ', path: /buffer' : ''} }`;
    const world = await startAgent(
      `${buffer}\nbatch: { encodedMax: 64KiB, decodedMax: 1MiB }\nlineMax: 64KiB`,
      undefined,
      (push, n) => {
        if (n % 2 === 0) return { status: 500 };
        stored.push(...readPush(push.body).map(({ line }) => line.toString('latin1').slice(0, 3)));
        return { status: 204 };
      },
    );
    const sender = world.connect();
    const sent = Array.from({ length: 60 }, (_, i) => String(i).padStart(3, '0'));
    for (const [i, id] of sent.entries())
      sender.send(message({ log: Buffer.concat([Buffer.from(id), noise(10_000, i)]) }));
    await world.clock.advance(60_000);
    expect(stored).toEqual(sent);
    expectClosedBooks(world, 60);
  },
);

test('health is red when no push has succeeded for stuckAfter, green when idle', async () => {
  const { world } = await run(() => 'silence', { ms: 20_000, yaml: 'health: { stuckAfter: 30s }' });
  expect(world.agent.health().healthy).toBe(true);
  await world.clock.advance(25_000);
  expect(world.agent.health().reason).toMatch(/no push has succeeded for \d+ s: no answer: timeout|oldest entry/);
  const idle = await run(() => ({ status: 204 }), { lines: 0, ms: 600_000 });
  expect(idle.world.agent.health()).toEqual({ healthy: true });
});

test.each(['drop-oldest', 'drop-newest', 'block'])('a full buffer: %s', async (policy) => {
  const world = await startAgent(`buffer: { memoryMax: 4MiB, policy: ${policy} }`);
  const sender = world.connect();
  world.net.script = () => ({ status: 503 });
  let sent = 0;
  while (sent < 200 && !sender.state.paused) {
    const bytes = noise(60_000, sent);
    bytes.write(`${sent}:`);
    sender.send(message({ log: bytes }));
    sent++;
    await world.clock.advance(10);
    expect(world.metric('buffer_bytes')).toBeLessThanOrEqual(4 * 1_048_576);
  }
  expect(sender.state.paused).toBe(policy === 'block');
  const got: number[] = [];
  world.net.script = (push) => {
    got.push(...readLines(push.body).map((line) => Number.parseInt(line, 10)));
    return { status: 204 };
  };
  await world.clock.advance(60_000);
  expect(sender.state.paused).toBe(false);
  expectClosedBooks(world, sent);
  if (policy === 'block') expect(got).toEqual(Array.from({ length: sent }, (_, i) => i));
  else {
    expect(world.agent.metrics()).toMatch(/dropped_total\{app="video",reason="buffer_full",output="loki"\} \d/);
    expect(got.includes(policy === 'drop-oldest' ? 199 : 0)).toBe(true);
    expect(got.length).toBeLessThan(200);
  }
});

test('stop delivers what is on its way, and says what it had to give up', async () => {
  const world = await startAgent();
  const sender = world.connect();
  sender.send(message({ log: 'a' }));
  sender.send(message({ log: 'b', extra: { partial_message: 'true', partial_id: 'p', partial_last: 'false' } }));
  const stopped = world.agent.stop();
  sender.send(message({ log: 'c' }));
  await world.clock.advance(2000);
  expect(await stopped).toEqual({ received: 3, sent: 3, dropped: 0, rejected: 0, abandoned: 0, kept: 0 });
  expect(world.net.connect()).toBeUndefined();

  const stuck = await startAgent('drainWithin: 3s');
  stuck.net.script = () => 'silence';
  stuck.connect().send(message());
  await stuck.clock.advance(1500);
  const gaveUp = stuck.agent.stop();
  await stuck.clock.advance(4000);
  expect(await gaveUp).toEqual({ received: 1, sent: 0, dropped: 1, rejected: 0, abandoned: 1, kept: 0 });
});

test('a sink that comes back during the drain still gets everything', async () => {
  const world = await startAgent('drainWithin: 5s');
  let isDown = true;
  world.net.script = () => (isDown ? { status: 500 } : { status: 204 });
  world.connect().send(message());
  await world.clock.advance(60_000);
  const stopped = world.agent.stop();
  await world.clock.advance(3000);
  isDown = false;
  await world.clock.advance(3000);
  expect((await stopped).sent).toBe(1);
});

test('received = sent + dropped + rejected + buffered at every moment, whatever the sink answers', async () => {
  const answers = fc.constantFrom<ReturnType<Script>>(
    { status: 204 },
    { status: 204 },
    { status: 500 },
    { status: 429 },
    { status: 413 },
    { status: 400 },
    { status: 260 },
    { status: 404 },
    new Error('reset'),
    'silence',
    {
      status: 400,
      body: 'total ignored: 1 out of 2',
    },
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(answers, { maxLength: 30 }),
      fc.array(fc.record({ log: fc.string({ maxLength: 3000 }), tag: fc.constantFrom('a', 'b', 'c.d') }), {
        maxLength: 60,
      }),
      async (script, records) => {
        const world = await startAgent('batch: { decodedMax: 64KiB, entriesMax: 9 }\nlineMax: 1KiB');
        world.net.script = (_push, n) => script[n] ?? { status: 204 };
        const sender = world.connect();
        for (const one of records) {
          sender.send(message(one));
          await world.clock.advance(300);
          const { received, accounted } = world.books();
          expect(accounted).toBe(received);
        }
        await world.clock.advance(1_000_000);
        expect(world.metric('records_buffered')).toBe(0);
        expectClosedBooks(world, world.metric('records_received_total'));
      },
    ),
    { numRuns: 60 },
  );
});
