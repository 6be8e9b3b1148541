// The disk buffer inside the whole agent, in virtual time, on a file system that fails, fills up, is killed at every call
// and loses what was not synced. The promise: what was acked is stored in the end, whatever happens to the process.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FakeFiles, systemError } from '../testing/fake-files.ts';
import { message } from '../testing/forward-messages.ts';
import { noise } from '../testing/noise.ts';
import { readLines } from '../testing/read-push.ts';
import { startAgent } from '../testing/start-agent.ts';

/** Every place within a write, not one of a few: for a run by hand. */
const IS_LONG = process.env.LARSEN_LONG !== undefined;

const config = (more = '') =>
  `buffer: { type: disk, path: /buffer, memoryMax: 4MiB, diskMax: 4MiB, segmentMax: 64KiB, ${more} }`;

/** An agent whose sink is down or up, and the lines that were acked and stored. */
async function start(files: FakeFiles, options: { yaml?: string; isUp?: boolean } = {}) {
  const state = { isUp: options.isUp ?? false, stored: [] as string[], storedMax: Number.POSITIVE_INFINITY };
  const world = await startAgent(options.yaml ?? config('fsync: never'), files, (push) => {
    if (!state.isUp || state.stored.length >= state.storedMax) return { status: 500 };
    state.stored.push(...readLines(push.body));
    return { status: 204 };
  });
  const sender = world.connect();
  const send = (log: string): void => sender.send(message({ log, option: { chunk: log.slice(0, 12) } }));
  const acked = () =>
    sender.answers.flatMap((bytes) =>
      [
        ...Buffer.from(bytes)
          .toString()
          .matchAll(/line \d+/g),
      ].map(String),
    );
  return { world, state, send, acked };
}

const name = (i: number): string => `line ${i}`;
const names = (lines: readonly string[]): string[] => lines.map((line) => /^line \d+/.exec(line)?.[0] ?? line);

/** Sends 12 lines in the course of which the sink comes up, so that every kind of call happens. */
async function live(files: FakeFiles, yaml?: string) {
  const run = await start(files, yaml === undefined ? {} : { yaml });
  for (let i = 0; i < 12; i++) {
    run.send(`${name(i)} ${noise(20_000, i).toString('latin1')}`);
    await run.world.clock.advance(7);
    if (i === 8) {
      run.state.isUp = true;
      await run.world.clock.advance(6000);
    }
  }
  await run.world.clock.advance(3000);
  return run;
}

async function storedAfterRestart(files: FakeFiles, yaml?: string): Promise<string[]> {
  const next = await start(files, { isUp: true, ...(yaml === undefined ? {} : { yaml }) });
  await next.world.clock.advance(5000);
  expect(next.world.metric('records_buffered')).toBe(0);
  return names(next.state.stored);
}

test('an ack comes within milliseconds, after the write and not before', async () => {
  const files = new FakeFiles();
  const { world, send, acked } = await start(files);
  send(name(0));
  await world.clock.advance(1);
  expect(acked()).toEqual([]);
  await world.clock.advance(10);
  expect(acked()).toEqual([name(0)]);
  expect(files.content('/buffer/loki/000000000001.laf').length).toBeGreaterThan(0);
});

test('what was on disk is sent by the next process, once, and the books close', async () => {
  const files = new FakeFiles();
  const first = await start(files);
  for (let i = 0; i < 20; i++) first.send(name(i));
  await first.world.clock.advance(3000);
  const next = await start(files.crash(), { isUp: true });
  await next.world.clock.advance(3000);
  expect(names(next.state.stored)).toEqual(Array.from({ length: 20 }, (_, i) => name(i)));
  expect(next.world.metric('records_recovered_total')).toBe(20);
  expect(next.world.metric('records_sent_total')).toBe(20);
  const stopping = next.world.agent.stop();
  await next.world.clock.advance(1000);
  await stopping;
  expect(await storedAfterRestart(next.world.files.crash())).toEqual([]);
});

test('kill -9 at every call of the file system, within every write too: acked ⊆ stored', async () => {
  const counting = new FakeFiles();
  await live(counting);
  let kills = 0;
  for (let n = 0; n < counting.calls; n++) {
    for (const written of IS_LONG ? [0, 1, 15, 16, 17, 1000, 29_000] : [[0, 9, 1000][n % 3] as number]) {
      const files = new FakeFiles();
      const run = { left: undefined as FakeFiles | undefined, acked: [] as string[], stored: [] as string[] };
      let world: Awaited<ReturnType<typeof start>> | undefined;
      files.fail = (call, what) => {
        if (call < n || run.left !== undefined) return run.left === undefined ? undefined : systemError('EIO');
        if (world === undefined) return undefined;
        run.acked = world.acked();
        run.stored = names(world.state.stored);
        run.left = files.crash();
        if (what !== 'write') return systemError('EIO');
        // The bytes that made it before the kill: taken again once they are written.
        queueMicrotask(() => {
          run.left = files.crash();
        });
        return { written, error: systemError('EIO') };
      };
      world = await start(files);
      for (let i = 0; i < 6; i++) {
        world.send(`${name(i)} ${noise(30_000, i).toString('latin1')}`);
        await world.world.clock.advance(7);
        if (i === 3) {
          world.state.isUp = true;
          await world.world.clock.advance(6000);
        }
        if (run.left !== undefined) break;
      }
      if (run.left === undefined) continue;
      kills++;
      run.left.fail = () => undefined;
      const after = await storedAfterRestart(run.left);
      const all = new Set([...run.stored, ...after]);
      expect(run.acked.filter((line) => !all.has(line))).toEqual([]);
    }
  }
  expect(kills).toBeGreaterThan(15);
}, 600_000);

test('a power cut loses nothing acked where each batch is synced', async () => {
  const yaml = config('fsync: batch');
  const files = new FakeFiles();
  const run = await start(files, { yaml });
  const crashes: { left: FakeFiles; acked: string[] }[] = [];
  for (let i = 0; i < 20; i++) {
    run.send(`${name(i)} ${noise(9000, i).toString('latin1')}`);
    await run.world.clock.advance(4 + (i % 5));
    crashes.push({ left: files.crash(true), acked: run.acked() });
  }
  expect(crashes.at(-1)?.acked.length).toBeGreaterThan(10);
  for (const { left, acked } of crashes) {
    const stored = new Set(await storedAfterRestart(left, yaml));
    expect(acked.filter((line) => !stored.has(line))).toEqual([]);
  }
});

test.each(['EIO', 'ENOSPC'])(
  'the 1st, 2nd, 3rd … call fails with %s: nothing is lost while the process lives',
  async (code) => {
    const counting = new FakeFiles();
    await live(counting, config('fsync: batch'));
    for (let n = 0; n < counting.calls; n++) {
      const files = new FakeFiles();
      let isStarted = false;
      files.fail = (call) => (isStarted && call === n ? systemError(code) : undefined);
      const run = await start(files, { yaml: config('fsync: batch') });
      isStarted = true;
      for (let i = 0; i < 6; i++) {
        run.send(`${name(i)} ${noise(20_000, i).toString('latin1')}`);
        await run.world.clock.advance(7);
      }
      run.state.isUp = true;
      await run.world.clock.advance(20_000);
      expect([n, [...new Set(names(run.state.stored))].sort()]).toEqual([
        n,
        Array.from({ length: 6 }, (_, i) => name(i)),
      ]);
      expect([...new Set(run.acked())].sort()).toEqual(Array.from({ length: 6 }, (_, i) => name(i)));
    }
  },
  60_000,
);

test('one damaged byte anywhere costs the frame it is in, and no other', async () => {
  const files = new FakeFiles();
  const run = await start(files);
  for (let i = 0; i < 8; i++) {
    run.send(`${name(i)} ${noise(3000, i).toString('latin1')}`);
    await run.world.clock.advance(10);
  }
  const whole = files.crash();
  const path = '/buffer/loki/000000000001.laf';
  const size = whole.content(path).length;
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: size - 1 }), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
      const damaged = whole.crash();
      const bytes = damaged.content(path);
      bytes[at] = (bytes[at] as number) ^ flip;
      const stored = await storedAfterRestart(damaged);
      expect(stored.length).toBe(7);
    }),
    { numRuns: 40 },
  );
});

test('a segment cut short at any byte gives its whole frames; a damaged one is set aside', async () => {
  const files = new FakeFiles();
  const run = await start(files);
  for (let i = 0; i < 4; i++) {
    run.send(name(i));
    await run.world.clock.advance(10);
  }
  const path = '/buffer/loki/000000000001.laf';
  const whole = files.content(path);
  for (let length = 0; length < whole.length; length += IS_LONG ? 1 : 23) {
    const cut = new FakeFiles();
    await cut.makeFolder('/buffer/loki');
    cut.put(path, whole.subarray(0, length));
    const stored = await storedAfterRestart(cut);
    expect(stored).toEqual(Array.from({ length: stored.length }, (_, i) => name(i)));
    expect(cut.paths).toEqual([]);
  }
  const damaged = files.crash();
  damaged.content(path)[40] = 0;
  await storedAfterRestart(damaged);
  expect(damaged.paths).toEqual([`${path}.corrupt`]);
});

test('a backlog far larger than memory is drained in order and in bounded memory', async () => {
  const yaml = 'buffer: { type: disk, path: /buffer, memoryMax: 4MiB, diskMax: 64MiB }\nbatch: { ageMax: 10ms }';
  const files = new FakeFiles();
  const run = await start(files, { yaml });
  let worst = 0;
  const watch = (world: typeof run.world) => {
    worst = Math.max(worst, world.metric('buffer_bytes'));
  };
  for (let i = 0; i < 300; i++) {
    run.send(`${name(i)} ${noise(60_000, i).toString('latin1')}`);
    await run.world.clock.advance(12);
    watch(run.world);
  }
  expect(run.world.metric('disk_bytes')).toBeGreaterThan(15 * 1_048_576);
  const next = await start(files.crash(), { yaml, isUp: true });
  expect(next.world.metric('records_recovered_total')).toBe(300);
  for (let i = 0; i < 100; i++) {
    await next.world.clock.advance(50);
    watch(next.world);
  }
  expect(names(next.state.stored)).toEqual(Array.from({ length: 300 }, (_, i) => name(i)));
  expect(worst).toBeLessThanOrEqual(4 * 1_048_576);
  expect(next.world.files.usedBytes).toBeLessThan(9 * 1_048_576);
}, 30_000);

test('with liveFirst a new line does not wait for the backlog', async () => {
  const yaml =
    'buffer: { type: disk, path: /buffer, memoryMax: 4MiB, diskMax: 64MiB, liveFirst: true }\nbatch: { ageMax: 10ms, entriesMax: 1 }';
  const run = await start(new FakeFiles(), { yaml });
  for (let i = 0; i < 200; i++) {
    run.send(`${name(i)} ${noise(60_000, i).toString('latin1')}`);
    await run.world.clock.advance(12);
  }
  run.state.storedMax = 30;
  run.state.isUp = true;
  await run.world.clock.advance(8000);
  expect(run.state.stored.length).toBe(30);
  run.send('line 9999');
  await run.world.clock.advance(20);
  run.state.storedMax = Number.POSITIVE_INFINITY;
  await run.world.clock.advance(8000);
  const at = names(run.state.stored).indexOf('line 9999');
  expect([at > 30, at < 120]).toEqual([true, true]);
  expect(run.state.stored.length).toBe(201);
});

test.each(['drop-oldest', 'drop-newest'])(
  '%s holds the ceiling of the disk, counts by app, and closes the books',
  async (policy) => {
    const files = new FakeFiles();
    const run = await start(files, { yaml: `${config(`fsync: never, policy: ${policy}`)}\nbatch: { ageMax: 10ms }` });
    for (let i = 0; i < 200; i++) {
      run.send(`${name(i)} ${noise(60_000, i).toString('latin1')}`);
      await run.world.clock.advance(12);
      expect(files.usedBytes).toBeLessThan(4.2 * 1_048_576);
    }
    run.state.isUp = true;
    await run.world.clock.advance(20_000);
    const dropped = run.world.metric('records_dropped_total');
    expect(dropped).toBeGreaterThan(80);
    expect(run.state.stored.length + dropped).toBe(200);
    expect(names(run.state.stored).includes(name(policy === 'drop-oldest' ? 199 : 0))).toBe(true);
    expect(run.world.agent.metrics()).toContain('reason="buffer_full",output="loki"} ');
    expect(run.world.books()).toEqual({ received: 200, accounted: 200 });
  },
);

test('a full file system is survived under each policy, and used again when space returns', async () => {
  for (const policy of ['block', 'drop-oldest', 'drop-newest']) {
    const files = new FakeFiles();
    files.capacity = 300_000;
    const run = await start(files, { yaml: config(`policy: ${policy}`) });
    for (let i = 0; i < 10; i++) {
      run.send(`${name(i)} ${noise(60_000, i).toString('latin1')}`);
      await run.world.clock.advance(12);
    }
    expect(run.world.metric('disk_errors_total')).toBeGreaterThan(0);
    run.state.isUp = true;
    await run.world.clock.advance(20_000);
    const dropped = run.world.metric('records_dropped_total');
    expect(new Set(names(run.state.stored)).size + dropped).toBe(10);
    expect(files.usedBytes).toBeLessThan(100_000);
    files.capacity = Number.POSITIVE_INFINITY;
    run.state.isUp = false;
    run.send('line 77');
    await run.world.clock.advance(2000);
    expect(await storedAfterRestart(files.crash())).toContain('line 77');
  }
});

test('the stop keeps on disk what it cannot deliver, and abandons nothing', async () => {
  const files = new FakeFiles();
  const run = await start(files);
  for (let i = 0; i < 5; i++) run.send(name(i));
  const stopping = run.world.agent.stop();
  await run.world.clock.advance(15_000);
  expect(await stopping).toMatchObject({ received: 5, abandoned: 0, kept: 5 });
  expect(await storedAfterRestart(files.crash())).toEqual([0, 1, 2, 3, 4].map(name));
});

test('a folder that another agent holds is refused by name, and free again after its stop', async () => {
  const files = new FakeFiles();
  files.keepsLocks = true;
  const first = await start(files);
  await expect(start(files)).rejects.toThrow('/buffer/loki; stop it');
  const stopped = first.world.agent.stop();
  await first.world.clock.advance(11_000);
  await stopped;
  await start(files);
});
