// Once a second: what has to happen now and then. A beat that comes late says that something has held the thread, be it
// work of ours, a machine that was too busy, or a process that was stopped.

import type { Clock, Timer } from '../ports.ts';
import type { Counters } from './counters.ts';
import type { OwnLog } from './own-log.ts';

const BEAT_MS = 1000;
/** A thread that was busy or stopped for so long is worth a line. */
const STALL_MS = 500;

/** What it works with. */
export interface HeartbeatParts {
  clock: Clock;
  counters: Counters;
  log: OwnLog;
  /** Done at each beat. */
  onBeat(): void;
}

/** See the file's comment. */
export class Heartbeat {
  private readonly parts: HeartbeatParts;
  private timer: Timer | undefined;
  private dueMs = Number.POSITIVE_INFINITY;

  constructor(parts: HeartbeatParts) {
    this.parts = parts;
  }

  /** Beats at once, and from now on. */
  start(): void {
    const { clock, onBeat } = this.parts;
    const lateMs = clock.nowMs() - this.dueMs;
    if (lateMs > STALL_MS) this.tellStall(lateMs);
    onBeat();
    this.dueMs = clock.nowMs() + BEAT_MS;
    this.timer = clock.setTimer(() => this.start(), BEAT_MS);
  }

  stop(): void {
    this.timer?.cancel();
  }

  private tellStall(lateMs: number): void {
    const { counters, log } = this.parts;
    counters.totals.stalls++;
    counters.totals.stalledMs += Math.round(lateMs);
    const seconds = (lateMs / 1000).toFixed(1);
    log.warn('W_STALLED', `nothing was done for ${seconds} s: the thread or the process was held`);
  }
}
