// When the next push may go: after a failure the backoff or what the receiver asked for, after "too many requests" its pace;
// while the agent drains before its exit, soon. Remembers since when and why pushes fail.

import type { Batch, PushVerdict } from '../model.ts';
import type { Clock, Random } from '../ports.ts';
import { type BackoffSettings, backoffMs, retryAfterMs } from './backoff.ts';
import { Pace } from './pace.ts';

/** Settings of the waits. */
export interface WaitSettings {
  retry: BackoffSettings;
  /** Waits while the answer says that a setting is wrong. */
  blockedRetry: BackoffSettings;
  /** How long it is remembered what the receiver turned out to take. */
  limitsKeptMs: number;
}

/** An answer after which the same bytes are tried again. */
export type Failure = PushVerdict & { kind: 'retry' | 'blocked' };

/** Waits are shortened to this while the agent drains before its exit. */
const DRAIN_WAIT_MS_MAX = 500;

/** See the file's comment. */
export class NextPush {
  /** When pushes began to fail, on the agent's clock, and why; `undefined` while they succeed. */
  failing: { sinceMs: number; why: string; blocked: boolean } | undefined;
  private readonly clock: Clock;
  private readonly random: Random;
  private pace = new Pace();
  private failures = 0;
  private notBeforeMs = 0;
  private draining = false;

  constructor(clock: Clock, random: Random) {
    this.clock = clock;
    this.random = random;
  }

  /** How long the next push still waits, if its batch would wait `companyMs` for company; not above 0 if it may go. */
  waitMs(companyMs: number): number {
    const nowMs = this.clock.nowMs();
    const waitMs = Math.max(this.notBeforeMs - nowMs, this.pace.notBeforeMs - nowMs, this.draining ? 0 : companyMs);
    return this.bounded(waitMs);
  }

  /** A push went well. */
  succeeded(batch: Batch): void {
    this.failing = undefined;
    this.failures = 0;
    this.pace.succeeded(this.clock.nowMs(), batch);
  }

  /** A push is to be tried again. Returns how long that has to wait. */
  failed(failure: Failure, settings: WaitSettings): number {
    const { clock, random } = this;
    const blocked = failure.kind === 'blocked';
    this.failures++;
    this.failing = { sinceMs: this.failing?.sinceMs ?? clock.nowMs(), why: failure.why, blocked };
    let waitMs = backoffMs(this.failures, blocked ? settings.blockedRetry : settings.retry, random.next());
    if (failure.kind === 'retry') {
      const { afterMs, throttled, rate } = failure;
      if (afterMs !== undefined) waitMs = Math.max(retryAfterMs(afterMs, random.next()), waitMs);
      if (throttled) this.pace.throttled();
      if (rate !== undefined) this.pace.limit(rate, clock.nowMs() + settings.limitsKeptMs);
    }
    this.notBeforeMs = clock.nowMs() + this.bounded(waitMs);
    return waitMs;
  }

  /** There is another receiver: nothing is held against it. */
  reset(): void {
    this.pace = new Pace();
    this.failures = 0;
    this.notBeforeMs = 0;
  }

  /** From now on waits are short. */
  hurry(): void {
    this.draining = true;
    this.notBeforeMs = Math.min(this.notBeforeMs, this.clock.nowMs());
  }

  private bounded(waitMs: number): number {
    return this.draining ? Math.min(waitMs, DRAIN_WAIT_MS_MAX) : waitMs;
  }
}
