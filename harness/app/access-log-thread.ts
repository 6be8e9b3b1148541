// The thread that writes the access log of a blocking app: one line after the other, as behind one lock. What comes
// in while it is blocked waits in its message port, as goroutines wait for the mutex.

import { parentPort, workerData } from 'node:worker_threads';
import { packLines } from '../load/shape/compose.ts';
import type { ThreadRequest } from './access-log.ts';
import { writeBlocking } from './line-output.ts';
import { createLineRecorder } from './line-recorder.ts';

const { shared, halted } = workerData as { shared: SharedArrayBuffer; halted: Int32Array };
const recorder = createLineRecorder(shared);

/** Written lines are told at least this often, so that no request waits for the whole batch of its turn, ms. */
const TELL_EVERY_MS = 2;

parentPort?.on('message', (entries: ThreadRequest) => {
  let written = 0;
  let toldMs = performance.now();
  for (const entry of entries) {
    if (Atomics.load(halted, 0) === 1) return;
    writeBlocking(recorder, entry.seq, packLines(entry.lines, entry.id));
    written++;
    if (performance.now() - toldMs < TELL_EVERY_MS) continue;
    parentPort?.postMessage(written);
    written = 0;
    toldMs = performance.now();
  }
  if (written > 0) parentPort?.postMessage(written);
});
