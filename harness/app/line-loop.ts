// Writes the lines of a plan, each when it is due, in order, and never skips one: what is late is written late.
// A blocking app stands still in write(2); a queueing one hands its lines to the stream and goes on.

import { nowNs, sleep } from '../core/real-clock.ts';
import type { RecordedText } from './line-recorder.ts';
import type { ThreadControl } from './thread-control.ts';

/** Lines due within this time are written in one go, so that 20,000 lines/s do not mean as many sleeps, ms. */
const TICK_MS = 1;
const SLEEP_MS_MAX = 100;

/** Lines and where they go. */
export interface LineLoop {
  control: ThreadControl;
  /** ms since load start of line `seq`; undefined: there is none. */
  dueMs(seq: number): number | undefined;
  compose(seq: number): RecordedText;
  write(seq: number, line: RecordedText): void;
}

/** Runs until the plan, the cutoff or `halt` ends it. Blocks its thread: nothing else runs in it. */
export function runBlockingLoop({ control, dueMs, compose, write }: LineLoop): void {
  for (let seq = 0; ; seq++) {
    const due = dueMs(seq);
    if (due === undefined) return;
    // Made before it is due, so that making it does not make it late.
    const line = compose(seq);
    for (let waitMs = waitFor(control, due); waitMs > 0; waitMs = waitFor(control, due)) control.sleep(waitMs);
    if (isOver(control, due)) return;
    write(seq, line);
  }
}

/** The same on an event loop that goes on while lines wait in the stream. */
export async function runQueuedLoop({ control, dueMs, compose, write }: LineLoop): Promise<void> {
  for (let seq = 0; ; seq++) {
    const due = dueMs(seq);
    if (due === undefined) return;
    const line = compose(seq);
    for (let waitMs = waitFor(control, due); waitMs > 0; waitMs = waitFor(control, due))
      await sleep(Math.min(waitMs, 5));
    if (isOver(control, due)) return;
    write(seq, line);
    // Late lines come without a pause: let the stream work in between.
    if (seq % 256 === 255) await sleep(0);
  }
}

/** How long to sleep before looking again, ms; 0: the line is due, or will not be written at all. */
function waitFor(control: ThreadControl, due: number): number {
  if (isOver(control, due)) return 0;
  if (!control.isRunning()) return SLEEP_MS_MAX;
  const leftMs = (control.loadStartNs() - nowNs()) / 1e6 + due;
  return leftMs <= 0 ? 0 : Math.min(Math.max(leftMs, TICK_MS), SLEEP_MS_MAX);
}

function isOver(control: ThreadControl, due: number): boolean {
  if (control.isHalted()) return true;
  const cutoffNs = control.cutoffNs();
  if (cutoffNs === Infinity) return false;
  return !control.isRunning() || control.loadStartNs() + due * 1e6 > cutoffNs;
}
