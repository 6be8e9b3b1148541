// The thread of the emitter that makes and writes its lines. It may be blocked in write(2) for ever: all that others
// must know of it is in shared memory.

import { parentPort, workerData } from 'node:worker_threads';
import { createPrng } from '../core/prng.ts';
import { composeLine } from '../load/shape/compose.ts';
import { loadAppShape } from './app-shape.ts';
import type { EmitterThreadOptions } from './emitter.ts';
import { type LineLoop, runBlockingLoop, runQueuedLoop } from './line-loop.ts';
import { openQueuedOutput, writeBlocking } from './line-output.ts';
import { createLineRecorder } from './line-recorder.ts';
import { openThreadControl } from './thread-control.ts';

const { config, plan, ringShared, controlShared } = workerData as EmitterThreadOptions;
const { app, run } = config;
const random = createPrng(config.seed).fork(`lines/${app.name}`).next;
const { definition: shape } = await loadAppShape({ name: config.shape, module: config.shapeModule, random });
const control = openThreadControl(controlShared);
const recorder = createLineRecorder(ringShared);

const loop: Omit<LineLoop, 'write'> = {
  control,
  dueMs: (seq) => plan.dueMs[seq],
  compose: (seq) => {
    const line = composeLine({
      shape,
      run,
      app: app.name,
      seq,
      dueMs: plan.dueMs[seq]!,
      sizeBytes: plan.bytes[seq]!,
      random,
    });
    return isUnfinished(seq) ? { ...line, text: line.text.subarray(0, -1) } : line;
  },
};

/** `with: { lastNewline: false }`: the app ends in the middle of its last line, as one that is killed does. */
function isUnfinished(seq: number): boolean {
  return app.with.lastNewline === false && seq === plan.dueMs.length - 1;
}

parentPort?.postMessage('ready');
if (app.writes === 'queued') {
  const output = openQueuedOutput(recorder, (error) => {
    throw error;
  });
  await runQueuedLoop({ ...loop, write: output.write });
  const settled = setInterval(() => {
    if (output.waitingLines() > 0) return;
    clearInterval(settled);
    control.markDone();
  }, 5);
} else {
  runBlockingLoop({ ...loop, write: (seq, line) => void writeBlocking(recorder, seq, line) });
  control.markDone();
}
