// The emitter: an app that writes lines by plan, of the sizes planned. The main thread only talks to the harness and
// counts what is due; the lines are written in a thread of their own, so that a blocked stdout blocks nothing else.

import { nowNs } from '../core/real-clock.ts';
import { readPlan } from '../load/plan.ts';
import { type AppPartConfig, connectApp, failPart, startWitness } from './part.ts';
import { startThread } from './publisher.ts';
import { addHandedLines } from './record-ring.ts';
import { openThreadControl } from './thread-control.ts';

const COUNT_PERIOD_MS = 50;

/** What the writing thread is given. */
export interface EmitterThreadOptions {
  config: AppPartConfig;
  plan: { dueMs: Float64Array; bytes: Uint32Array };
  ringShared: SharedArrayBuffer;
  controlShared: SharedArrayBuffer;
}

const channel = await connectApp<AppPartConfig>();
const { config } = channel;
const plan = readPlan(config.linesFile);
const control = openThreadControl();
const witness = startWitness(channel, { queued: config.app.writes === 'queued' });
const options: EmitterThreadOptions = {
  config,
  plan: { dueMs: plan.dueMs, bytes: plan.bytes },
  ringShared: witness.shared,
  controlShared: control.shared,
};
const thread = startThread(new URL('./emitter-thread.js', import.meta.url), options, (error) =>
  failPart(channel, config.app.name, error),
);

let countedLines = 0;
/** Lines that are due by now are lines the app has for its stdout. */
const countDue = (): void => {
  if (!control.isRunning()) return;
  const beforeMs = (Math.min(nowNs(), control.cutoffNs()) - control.loadStartNs()) / 1e6;
  const before = countedLines;
  while (countedLines < plan.dueMs.length && plan.dueMs[countedLines]! <= beforeMs) countedLines++;
  addHandedLines(witness.shared, countedLines - before);
};
setInterval(countDue, COUNT_PERIOD_MS);

channel.onCall('load-start', ({ loadStartNs }: { loadStartNs: number }) => control.start(loadStartNs));
channel.onCall('stop', ({ withinMs }: { withinMs: number }) => {
  control.finish(nowNs());
  countDue();
  return witness.settle({ withinMs, isDone: control.isDone, halt: control.halt });
});
thread.once('message', () => channel.ready({}));
