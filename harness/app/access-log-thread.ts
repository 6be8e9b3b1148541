// The thread that writes the access log of a blocking app: one line after the other, as behind one lock. What comes
// in while it is blocked waits in its message port, as goroutines wait for the mutex.

import { parentPort, workerData } from 'node:worker_threads';
import { packLines } from '../load/shape/compose.ts';
import type { ThreadRequest } from './access-log.ts';
import { writeBlocking } from './line-output.ts';
import { createLineRecorder } from './line-recorder.ts';

const { shared, halted } = workerData as { shared: SharedArrayBuffer; halted: Int32Array };
const recorder = createLineRecorder(shared);

parentPort?.on('message', ({ n, entry }: ThreadRequest) => {
  if (Atomics.load(halted, 0) === 1) return;
  writeBlocking(recorder, entry.seq, packLines(entry.lines, entry.id));
  parentPort?.postMessage(n);
});
