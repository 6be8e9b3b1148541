// The two ways to stdout. Neither touches `process.stdout`: that would make the descriptor non-blocking, after
// which writeSync throws EAGAIN in place of standing still as a Go program does.

import { writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { nowNs } from '../core/real-clock.ts';
import { type BegunWrite, type LineRecorder, OPEN_AFTER_MS, type RecordedText } from './line-recorder.ts';

const STDOUT = 1;
const REFRESH_MS = 50;

/** Writes one text with write(2) and returns when the pipe has taken it all, however long that is. Throws when the reader is gone. */
export function writeBlocking(recorder: LineRecorder, seq: number, line: RecordedText): BegunWrite {
  const write = recorder.begin(seq, line);
  recorder.showOpen(write);
  writeAll(STDOUT, line.text);
  recorder.end(write);
  recorder.hideOpen();
  return write;
}

/** A stdout that queues as Node's does on a pipe: never blocks, keeps what waits in memory. */
export interface QueuedOutput {
  write(seq: number, line: RecordedText): void;
  /** Lines handed over and not yet taken by the pipe. */
  waitingLines(): number;
}

/** Opens stdout as a stream. The queue has no bound but the load itself: that is the behaviour it stands for. `onError`: the reader is gone. */
export function openQueuedOutput(recorder: LineRecorder, onError: (error: Error) => void): QueuedOutput {
  const stream = new Socket({ fd: STDOUT, readable: false, writable: true });
  const waiting = createQueue<BegunWrite>();
  let shown: BegunWrite | undefined;
  stream.on('error', onError);

  const ended = (): void => {
    const write = waiting.shift()!;
    recorder.end(write);
    if (write === shown) recorder.hideOpen();
  };
  setInterval(() => {
    shown = waiting.peek();
    if (shown) recorder.showOpen(shown);
    waiting.publishUntil(nowNs() - OPEN_AFTER_MS * 1e6, recorder.recordOpen);
  }, REFRESH_MS).unref();
  return {
    write: (seq, line) => {
      waiting.push(recorder.begin(seq, line));
      stream.write(line.text, (error) => {
        if (!error) ended();
      });
    },
    waitingLines: () => waiting.size(),
  };
}

function writeAll(descriptor: number, text: Buffer): void {
  for (let at = 0; at < text.length; ) {
    try {
      at += writeSync(descriptor, text, at, text.length - at);
    } catch (error) {
      // Somebody else made the pipe non-blocking: wait for room as a blocking writer would.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}

/** First in, first out, with one pass over what was not yet published. */
function createQueue<Item extends { beginNs: number; published: boolean }>() {
  let items: Item[] = [];
  let head = 0;
  let unpublished = 0;
  return {
    push: (item: Item): void => void items.push(item),
    peek: (): Item | undefined => items[head],
    size: (): number => items.length - head,
    shift: (): Item | undefined => {
      const item = items[head++];
      // Cut off what was taken, rarely, so that a queue of any length costs the same per line.
      if (head > 4_096 && head * 2 > items.length) {
        items = items.slice(head);
        unpublished = Math.max(0, unpublished - head);
        head = 0;
      }
      return item;
    },
    publishUntil: (beforeNs: number, publish: (item: Item) => void): void => {
      for (
        unpublished = Math.max(unpublished, head);
        unpublished < items.length && items[unpublished]!.beginNs <= beforeNs;
        unpublished++
      )
        publish(items[unpublished]!);
    },
  };
}
