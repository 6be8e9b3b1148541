// The access log of an http app. Three ways to write it:
//   thread   as Go does it behind one lock: a thread writes with write(2); a request waits for its own line, other
//            connections are served on
//   inline   write(2) in the main thread: when it blocks, everything blocks (Python, or Node with writeSync)
//   queued   as Node does on a pipe: the line waits in memory, nobody waits for it

import { packLines } from '../load/shape/compose.ts';
import { openQueuedOutput, writeBlocking } from './line-output.ts';
import { createLineRecorder } from './line-recorder.ts';
import { startThread } from './publisher.ts';
import { addHandedLines, readRingCounts } from './record-ring.ts';

/** The lines of one request. */
export interface AccessEntry {
  /** The request's number in this app; -1: it carried no id. */
  seq: number;
  id: string | null;
  lines: string[];
}

/** An access log on stdout. */
export interface AccessLog {
  /** Logs one request; `onWritten` is called when nothing has to wait for the line any more. */
  write(entry: AccessEntry, onWritten: () => void): void;
  /** Nothing waits. */
  isIdle(): boolean;
  /** Begins no further write. */
  halt(): void;
}

/** How to open the log; the ring takes the records of its writes. */
export interface AccessLogOptions {
  shared: SharedArrayBuffer;
  onError: (error: Error) => void;
}

/** What the writing thread gets: entries in order. It answers each time with how many it has written since. */
export type ThreadRequest = AccessEntry[];

/**
 * The log of a blocking app with threads. Entries of one turn of the event loop go over together, and so do their
 * acknowledgements: a message between threads costs more than a line. Waiting entries are bounded by the requests
 * that wait for them.
 */
export function openThreadLog({ shared, onError }: AccessLogOptions): AccessLog {
  const halted = new Int32Array(new SharedArrayBuffer(4));
  const thread = startThread(new URL('./access-log-thread.js', import.meta.url), { shared, halted }, onError);
  let waiting: (() => void)[] = [];
  let batch: ThreadRequest = [];
  const post = (): void => {
    thread.postMessage(batch);
    batch = [];
  };
  thread.on('message', (written: number) => {
    const done = waiting.slice(0, written);
    waiting = waiting.slice(written);
    for (const onWritten of done) onWritten();
  });
  return {
    write: (entry, onWritten) => {
      if (halted[0] === 1) return;
      waiting.push(onWritten);
      countHanded(shared, entry);
      if (batch.push(entry) === 1) setImmediate(post);
    },
    isIdle: () => waiting.length === 0,
    halt: () => void Atomics.store(halted, 0, 1),
  };
}

/** The log of a blocking app without threads. */
export function openInlineLog({ shared, onError }: AccessLogOptions): AccessLog {
  const recorder = createLineRecorder(shared);
  let isHalted = false;
  return {
    write: (entry, onWritten) => {
      if (isHalted) return;
      countHanded(shared, entry);
      try {
        writeBlocking(recorder, entry.seq, packLines(entry.lines, entry.id));
      } catch (error) {
        onError(error as Error);
      }
      onWritten();
    },
    isIdle: () => true,
    halt: () => {
      isHalted = true;
    },
  };
}

/** The log of a queueing app. */
export function openQueuedLog({ shared, onError }: AccessLogOptions): AccessLog {
  const output = openQueuedOutput(createLineRecorder(shared), onError);
  let isHalted = false;
  return {
    write: (entry, onWritten) => {
      if (isHalted) return;
      countHanded(shared, entry);
      output.write(entry.seq, packLines(entry.lines, entry.id));
      onWritten();
    },
    isIdle: () => output.waitingLines() === 0,
    halt: () => {
      isHalted = true;
    },
  };
}

/** Whether every line that was handed to the log was taken by the pipe. */
export function isWritten(shared: SharedArrayBuffer): boolean {
  const { handedLines, endedLines } = readRingCounts(shared);
  return endedLines >= handedLines;
}

function countHanded(shared: SharedArrayBuffer, { seq }: AccessEntry): void {
  if (seq >= 0) addHandedLines(shared, 1);
}
