// Lines that are held back, in the whole agent, in virtual time: an ack does not wait for the end of a line that its sender
// holds back until the ack, what was acked is found after a kill, and a checkpoint waits until the line has gone on.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FakeFiles, systemError } from '../testing/fake-files.ts';
import { message } from '../testing/forward-messages.ts';
import { readLines } from '../testing/read-push.ts';
import { startAgent } from '../testing/start-agent.ts';

const yaml = (fsync = 'never') => `buffer: { type: disk, path: /buffer, segmentMax: 64KiB, fsync: ${fsync} }
process: { multiline: [ { when: { app: java }, start: "^>", timeout: 1s } ] }
batch: { ageMax: 100ms }
partials: { timeout: 3s }`;

/** A step of a sender: a plain line, the first or a further line of an event, the first, a further or the last piece of a line. */
type Step = 'plain' | 'event' | 'more' | 'first' | 'piece' | 'last';

/** Sends messages as Docker does where it asks for acks: one, and the next when it is acked. */
function createSender(world: Awaited<ReturnType<typeof startAgent>>, container: string, from: number, every = 7) {
  const sender = world.connect();
  let n = from;
  let line = 0;
  const send = (step: Step): string => {
    const id = `[${container}${n++}]`;
    if (step === 'first') line++;
    const isPiece = step === 'first' || step === 'piece' || step === 'last';
    const extra = {
      container_id: container,
      ...(isPiece
        ? { partial_message: 'true', partial_id: `${container}-${line}`, partial_last: String(step === 'last') }
        : {}),
    };
    // Joined lines of all but one container are part of events: they are held twice.
    const isEvent = step === 'event' || step === 'more' || (isPiece && container !== 'a');
    const log = `${step === 'event' || (step === 'first' && n % 2 === 0) ? '>' : ' '}${id}${'x'.repeat(n % every === 0 ? 9000 : 20)}`;
    sender.send(
      message({ tag: isEvent ? `java.${container}` : `app.${container}`, log, extra, option: { chunk: id } }),
    );
    return id;
  };
  const acked = (): string[] =>
    sender.answers.flatMap(
      (bytes) =>
        Buffer.from(bytes)
          .toString('latin1')
          .match(/\[\w+\]/g) ?? [],
    );
  return { send, acked };
}

async function start(files: FakeFiles, isUp = true, more = yaml()) {
  const state = { isUp, stored: [] as string[] };
  const world = await startAgent(more, files, ({ body }) => {
    if (!state.isUp) return { status: 500 };
    state.stored.push(...readLines(body));
    return { status: 204 };
  });
  return { world, state };
}

test('each piece is acked within milliseconds; the log is emptied when its line is on disk', async () => {
  const files = new FakeFiles();
  const { world, state } = await start(files);
  const sender = createSender(world, 'a', 0);
  for (const step of ['first', 'piece', 'last', 'event', 'more', 'more'] as const) {
    const id = sender.send(step);
    await world.clock.advance(20);
    expect([step, sender.acked().includes(id)]).toEqual([step, true]);
  }
  const log = '/buffer/held-000000000001.log';
  expect(files.content(log).toString('latin1')).toContain('[a5]');
  await world.clock.advance(3000);
  expect(files.content(log).length).toBe(0);
  expect(state.stored.map((line) => line.match(/\[a\d\]/g))).toEqual([
    ['[a0]', '[a1]', '[a2]'],
    ['[a3]', '[a4]', '[a5]'],
  ]);
  const stopping = world.agent.stop();
  await world.clock.advance(2000);
  await stopping;
  expect(files.paths).toEqual([]);
});

test('after a kill what was held back goes on: once, with its labels, and joined by what comes', async () => {
  const files = new FakeFiles();
  const first = await start(files);
  const a = createSender(first.world, 'a', 0);
  for (const step of ['first', 'piece', 'event', 'more'] as const) {
    a.send(step);
    await first.world.clock.advance(20);
  }
  expect(a.acked().length).toBe(4);
  expect(first.state.stored).toEqual([]);
  const left = files.crash();
  const next = await start(left);
  createSender(next.world, 'a', 4).send('more');
  await next.world.clock.advance(5000);
  expect(next.state.stored.map((line) => line.match(/\[a\d\]/g))).toEqual([
    ['[a0]', '[a1]'],
    ['[a2]', '[a3]', '[a4]'],
  ]);
  expect(next.world.entries().map(({ labels }) => /tag="([^"]+)"/.exec(labels)?.[1])).toEqual(['app.a', 'java.a']);
  const { received, accounted } = next.world.books();
  expect(accounted).toBe(received);
  const last = await start(left.crash());
  await last.world.clock.advance(5000);
  expect(last.state.stored).toEqual([]);
});

test('whatever is sent, killed at any call and within any write, with power or without: acked ⊆ stored', async () => {
  const step = fc.constantFrom<Step>('plain', 'event', 'more', 'first', 'piece', 'last');
  const steps = fc.array(
    fc.record({ who: fc.constantFrom('a', 'b', 'c'), step, waitMs: fc.constantFrom(0, 3, 9, 30, 400, 1500) }),
    { minLength: 5, maxLength: 40 },
  );
  const lives = fc.array(
    fc.record({ steps, calls: fc.nat(60), written: fc.nat(400), isUp: fc.boolean(), power: fc.boolean() }),
    { minLength: 1, maxLength: 4 },
  );
  await fc.assert(
    fc.asyncProperty(lives, async (all) => {
      let files = new FakeFiles();
      const acked = new Set<string>();
      let stored = '';
      let from = 0;
      for (const { steps: sent, calls, written, isUp, power } of all) {
        let left: FakeFiles | undefined;
        const life = await start(files, isUp, yaml(power ? 'batch' : 'never'));
        const first = files.calls;
        const now = files;
        now.fail = (n, call) => {
          if (left !== undefined) return systemError('EIO');
          if (n < first + calls) return undefined;
          left = now.crash(power);
          if (call === 'write' && !power)
            queueMicrotask(() => {
              left = now.crash();
            });
          return { written, error: systemError('EIO') };
        };
        const senders = new Map(['a', 'b', 'c'].map((name) => [name, createSender(life.world, name, from)]));
        let ackedBefore: string[] = [];
        for (const { who, step: what, waitMs } of sent) {
          senders.get(who)?.send(what);
          from++;
          await life.world.clock.advance(waitMs);
          if (left !== undefined) break;
          ackedBefore = [...senders.values()].flatMap((sender) => sender.acked());
        }
        for (const id of ackedBefore) acked.add(id);
        stored += life.state.stored.join('\n');
        files = left ?? now.crash();
        files.fail = () => undefined;
      }
      const last = await start(files);
      await last.world.clock.advance(10_000);
      stored += last.state.stored.join('\n');
      expect([...acked].filter((id) => !stored.includes(id))).toEqual([]);
      expect(last.world.metric('records_buffered')).toBe(0);
      expect(files.paths.filter((path) => path.includes('held') && files.content(path).length > 0)).toEqual([]);
    }),
    { numRuns: Number(process.env.LARSEN_HELD_RUNS ?? 60) },
  );
}, 300_000);

test('each call fails once: nothing is lost while the process lives, and every ack comes', async () => {
  for (const code of ['EIO', 'ENOSPC'])
    for (let n = 0; n < 40; n++) {
      const files = new FakeFiles();
      const { world, state } = await start(files, true, yaml('batch'));
      const first = files.calls;
      files.fail = (call) => (call === first + n ? systemError(code) : undefined);
      const sender = createSender(world, 'a', 0);
      const ids = [];
      for (const step of ['first', 'event', 'piece', 'more', 'last', 'plain', 'event'] as const) {
        ids.push(sender.send(step));
        await world.clock.advance(20);
      }
      await world.clock.advance(10_000);
      expect(ids.filter((id) => !sender.acked().includes(id))).toEqual([]);
      expect(ids.filter((id) => !state.stored.join('').includes(id))).toEqual([]);
    }
});

test('a log that grows while some line is always held goes on in another file, and stays bounded', async () => {
  const files = new FakeFiles();
  const { world, state } = await start(files);
  const senders = ['a', 'b', 'c'].map((name) => createSender(world, name, 0, 1));
  let worst = 0;
  let count = 0;
  for (let i = 0; i < 1000; i++) {
    senders[i % 3]?.send(i % 30 < 3 ? 'event' : 'more');
    count++;
    await world.clock.advance(3);
    worst = Math.max(worst, files.usedBytes);
  }
  expect(files.paths.some((path) => path > '/buffer/held-000000000001.log' && path.includes('held'))).toBe(true);
  expect(worst).toBeLessThan(24 * 1_048_576);
  const left = files.crash();
  const next = await start(left);
  await next.world.clock.advance(10_000);
  const all = [...state.stored, ...next.state.stored].join('');
  expect(new Set(all.match(/\[\w+\]/g)).size).toBe(count);
}, 60_000);

test('the checkpoint of a file waits until held lines have gone on', async () => {
  const files = new FakeFiles();
  files.put('/log/java.log', Buffer.from('>one\n at x\n at y\n'));
  const more = `inputs: [ { type: tail, paths: [ /log/*.log ], checkpoint: /state/tail, tag: java.x } ]
process: { multiline: [ { when: { app: java }, start: "^>", timeout: 5s } ] }`;
  for (const buffer of ['', 'buffer: { type: disk, path: /buffer }']) {
    const world = files.crash();
    const { world: first } = await start(world, true, `${more}\n${buffer}`);
    await first.clock.advance(3000);
    const next = await start(world.crash(), true, `${more}\n${buffer}`);
    await next.world.clock.advance(8000);
    expect(next.state.stored).toEqual(['>one\n at x\n at y']);
    const last = await start(next.world.files.crash(), true, `${more}\n${buffer}`);
    await last.world.clock.advance(8000);
    expect(last.state.stored).toEqual([]);
  }
});
