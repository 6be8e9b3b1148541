import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { feedLines, type LineFeed } from './line-feeder.ts';

const plan = { dueMs: Float64Array.of(5, 5, 20, 1_000), bytes: Uint32Array.of(0, 100, 0, 7) };

/** A clock that jumps over each sleep. */
function virtualClock() {
  let now = 0;
  return {
    nowNs: () => now,
    sleep: (delayMs: number): Promise<void> => {
      now += delayMs * 1e6;
      return Promise.resolve();
    },
  };
}

function feed(changes: Partial<LineFeed> = {}) {
  const out = new PassThrough();
  const lines: { id: string; dueMs: number; bytes: number; atMs: number }[] = [];
  const clock = virtualClock();
  out.on('data', (chunk: Buffer) => {
    for (const text of chunk.toString().trimEnd().split('\n'))
      lines.push({ ...JSON.parse(text), atMs: clock.nowNs() / 1e6 });
  });
  return {
    out,
    lines,
    done: feedLines({
      plan,
      run: 'abc123',
      app: 'mine',
      out,
      loadStartNs: 0,
      signal: new AbortController().signal,
      clock,
      ...changes,
    }),
  };
}

test('each line is told when it is due, with an id that has neither length nor checksum yet', async () => {
  const { lines, done } = feed();
  expect(await done).toBe(4);
  expect(lines).toEqual([
    { id: 'lrs1-abc123-mine-0-0-00000000', dueMs: 5, bytes: 0, atMs: 5 },
    { id: 'lrs1-abc123-mine-1-0-00000000', dueMs: 5, bytes: 100, atMs: 5 },
    { id: 'lrs1-abc123-mine-2-0-00000000', dueMs: 20, bytes: 0, atMs: 20 },
    { id: 'lrs1-abc123-mine-3-0-00000000', dueMs: 1_000, bytes: 7, atMs: 1_000 },
  ]);
});

test('it ends early when it is aborted, and when the app closes its end', async () => {
  expect(await feed({ signal: AbortSignal.abort() }).done).toBe(0);
  const { out, done } = feed({
    clock: { nowNs: () => 10e6, sleep: () => new Promise((resolve) => setImmediate(resolve)) },
  });
  setImmediate(() => out.destroy(new Error('EPIPE')));
  expect(await done).toBe(2);
});
