// The writing thread of the control emitter: the same loop and the same write(2) as an emitter's.

import { parentPort, workerData } from 'node:worker_threads';
import { packLines } from '../load/shape/compose.ts';
import type { ControlThreadOptions } from './control.ts';
import { runBlockingLoop } from './line-loop.ts';
import { writeBlocking } from './line-output.ts';
import { createLineRecorder } from './line-recorder.ts';
import { openThreadControl } from './thread-control.ts';

const { ringShared, controlShared, periodMs, lineBytes } = workerData as ControlThreadOptions;
const recorder = createLineRecorder(ringShared);

parentPort?.postMessage('ready');
runBlockingLoop({
  control: openThreadControl(controlShared),
  dueMs: (seq) => seq * periodMs,
  // It names its whole text as id, so that it is recorded as a line that is written.
  compose: (seq) => {
    const text = `control ${seq} `.padEnd(lineBytes, '.').slice(0, lineBytes);
    return packLines([text], text);
  },
  write: (seq, line) => void writeBlocking(recorder, seq, line),
});
