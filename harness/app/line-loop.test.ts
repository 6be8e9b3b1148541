import { expect, test } from 'vitest';
import { nowNs } from '../core/real-clock.ts';
import { runBlockingLoop, runQueuedLoop } from './line-loop.ts';
import { openThreadControl } from './thread-control.ts';

const line = { text: Buffer.from('x\n'), bytes: 1, crc: 0, idOffset: 0, anonymous: [] };

/** Everything is due in the past but for the last line, which is due in an hour. */
function lateLoop() {
  const control = openThreadControl();
  const written: number[] = [];
  const due = [1, 2, 3, 3_600_000];
  control.start(nowNs() - 1e9);
  return {
    control,
    written,
    loop: {
      control,
      dueMs: (seq: number) => due[seq],
      compose: () => line,
      write: (seq: number) => void written.push(seq),
    },
  };
}

test('after finish what is due is still written, late as it is, and what is not due is left', async () => {
  const blocking = lateLoop();
  blocking.control.finish(nowNs());
  runBlockingLoop(blocking.loop);
  expect(blocking.written).toEqual([0, 1, 2]);

  const queued = lateLoop();
  queued.control.finish(nowNs());
  await runQueuedLoop(queued.loop);
  expect(queued.written).toEqual([0, 1, 2]);
});

test('after halt nothing is begun, due or not', () => {
  const { control, written, loop } = lateLoop();
  runBlockingLoop({
    ...loop,
    write: (seq) => {
      written.push(seq);
      control.halt();
    },
  });
  expect(written).toEqual([0]);
});

test('an app that was finished before load began writes nothing', () => {
  const control = openThreadControl();
  control.finish(nowNs());
  runBlockingLoop({ control, dueMs: () => 0, compose: () => line, write: () => expect.unreachable() });
});
