// A clock that stands still until a test moves it.

import type { Clock, Timer } from '../ports.ts';

/** Virtual time: `advance` runs what is due, in order, and lets promises settle in between. */
export class VirtualClock implements Clock {
  private ms = 0;
  private readonly startWallMs: number;
  private timers: { atMs: number; order: number; run: () => void }[] = [];
  private order = 0;

  constructor(startWallMs = 1_763_900_000_000) {
    this.startWallMs = startWallMs;
  }

  nowMs(): number {
    return this.ms;
  }

  wallMs(): number {
    return this.startWallMs + this.ms;
  }

  setTimer(run: () => void, delayMs: number): Timer {
    const timer = { atMs: this.ms + Math.max(0, delayMs), order: this.order++, run };
    this.timers.push(timer);
    return {
      cancel: () => {
        this.timers = this.timers.filter((other) => other !== timer);
      },
    };
  }

  /** Moves time on by `ms`. */
  async advance(ms: number): Promise<void> {
    const endMs = this.ms + ms;
    await settle();
    for (;;) {
      this.timers.sort((a, b) => a.atMs - b.atMs || a.order - b.order);
      const next = this.timers[0];
      if (next === undefined || next.atMs > endMs) break;
      this.timers.shift();
      this.ms = Math.max(this.ms, next.atMs);
      next.run();
      await settle();
    }
    this.ms = endMs;
  }
}

/** Lets pending promises run, however many follow each other: a macrotask comes when no microtask is left. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
