// Moves batches from the queue to the output: how many at once, and what to do with each answer.
//
// With `inFlightMax: 1`, the default, a batch is not pushed before the one in front of it has found its end: the order
// within a stream is kept even over retries, which Loki before 2.4 insists on. More in flight is faster over a slow
// network, and then a retried batch may arrive after its successor.

import type { Batch, Output, PushVerdict } from '../model.ts';
import { addCount, type Counters } from '../observe/counters.ts';
import type { OwnLog } from '../observe/own-log.ts';
import type { Clock, Random, Timer } from '../ports.ts';
import type { CutPolicy } from './cut-lines.ts';
import { Ends, type LetterBox } from './ends.ts';
import { companyMs, type GatherQueue, gather, type PushBounds } from './gather.ts';
import { LearnedLimits } from './limits.ts';
import { type Failure, NextPush, type WaitSettings } from './next-push.ts';
import { RefusedPushes } from './refused-push.ts';
import { splitBatch } from './split-batch.ts';

/** Settings of the delivery. */
export interface DeliverySettings extends WaitSettings {
  /** Number of the output, for the counters. */
  index: number;
  inFlightMax: number;
  timeoutMs: number;
  /** A batch is given up after so many pushes; never unless set. */
  attemptsMax?: number | undefined;
  /** A batch is given up at this age after a push without success; never unless set. */
  ageMaxMs?: number | undefined;
  /** Bounds of a push. */
  bounds: PushBounds;
  /** What to do with lines longer than that. */
  cut: CutPolicy;
}

/** The queue, as the delivery sees it. */
export interface DeliveryQueue extends GatherQueue {
  readonly length: number;
  take(): Batch | undefined;
  putBack(batch: Batch): void;
  replace(batch: Batch, pieces: Batch[]): void;
  release(batch: Batch): void;
}

/** What the delivery works with. */
export interface DeliveryParts {
  settings: DeliverySettings;
  queue: DeliveryQueue;
  output: Output;
  clock: Clock;
  random: Random;
  counters: Counters;
  log: Pick<OwnLog, 'warn'>;
  /** Takes what is given up for good, where dead letters are configured; then a poison record is looked for. */
  deadLetters?: LetterBox | undefined;
  /** The receiver has shown a limit, see `limits`. */
  onLimit(): void;
}

/** A batch answered with 429 this often in a row may be larger than the receiver's burst can ever hold: it is split. */
const THROTTLED_SPLIT = 5;
/** The receiver adds some bytes of its own to a message, so only below this share of its limit it cannot be the size. */
const LIMIT_SLACK = 0.8;
/** A line that is too large alone is halved down to this. */
const HALVED_LINE_MIN = 2048;

/** See the file's comment. */
export class Delivery {
  /** Batches in flight. */
  readonly flying = new Set<Batch>();
  /** What the receiver turned out to take. */
  readonly limits: LearnedLimits;
  private parts: DeliveryParts;
  private readonly ends: Ends;
  private readonly refused: RefusedPushes;
  private readonly next: NextPush;
  private readonly aborts = new Set<AbortController>();
  private timer: Timer | undefined;
  private stopped = false;

  constructor(parts: DeliveryParts) {
    this.parts = parts;
    const { settings, clock, random, counters, deadLetters } = parts;
    this.next = new NextPush(clock, random);
    this.limits = new LearnedLimits(clock, settings.limitsKeptMs);
    this.ends = new Ends(settings.index, counters, deadLetters);
    this.refused = new RefusedPushes({
      ...{ ends: this.ends, limits: this.limits, cut: settings.cut, searches: deadLetters !== undefined },
      count: (what, by) => {
        counters.totals[what] += by;
      },
    });
  }

  /** When pushes began to fail, on the agent's clock, and why; `undefined` while they succeed. */
  get failing(): NextPush['failing'] {
    return this.next.failing;
  }

  /** Starts as many pushes as may fly; call it when the queue has grown. */
  pump(): void {
    const { settings, queue, clock } = this.parts;
    while (!this.stopped && queue.length > 0 && this.flying.size < settings.inFlightMax) {
      const waitMs = this.next.waitMs(companyMs(queue, this.bounds, clock.nowMs()));
      if (waitMs > 0) {
        this.pumpAfter(waitMs);
        return;
      }
      const batch = queue.take();
      if (batch === undefined) return;
      const fitting = this.fit(batch);
      if (fitting !== undefined) {
        queue.replace(batch, fitting);
        continue;
      }
      const gathered = gather(batch, queue, this.bounds, (joined) => this.flying.add(joined));
      this.flying.add(gathered);
      void this.push(gathered);
    }
  }

  private get bounds(): PushBounds {
    const { bounds } = this.parts.settings;
    const decodedMax = Math.min(bounds.decodedMax, this.limits.of('decodedBytes') ?? bounds.decodedMax);
    return { ...bounds, decodedMax };
  }

  /** Goes on with another output or other settings: what is in flight ends as it was begun, all else goes there. */
  use(parts: Pick<DeliveryParts, 'output' | 'settings'>): void {
    this.parts = { ...this.parts, ...parts };
    this.limits.forget();
    this.next.reset();
    this.pump();
  }

  /** From now on waits are short: the process is about to end. */
  hurry(): void {
    this.next.hurry();
    this.pump();
  }

  /** Ends all pushes; batches in flight go back to the queue. */
  stop(): void {
    this.stopped = true;
    this.timer?.cancel();
    for (const abort of this.aborts) abort.abort();
    for (const batch of this.flying) this.parts.queue.putBack(batch);
    this.flying.clear();
  }

  private pumpAfter(waitMs: number): void {
    this.timer?.cancel();
    // Not less: a rest of rounding would be waited for again and again.
    this.timer = this.parts.clock.setTimer(() => this.pump(), Math.max(0.1, waitMs));
  }

  /** What is known to be too large is not pushed to be refused: what to push in its place, `undefined` if it fits. */
  private fit(batch: Batch): Batch[] | undefined {
    const { limits } = this;
    const decodedMax = limits.of('decodedBytes');
    if (decodedMax !== undefined && batch.decodedBytes > decodedMax) {
      const halves = splitBatch(batch);
      if (halves !== undefined) return halves;
    }
    const lineMax = limits.of('lineBytes');
    return lineMax !== undefined && (batch.lineMax ?? 0) > lineMax ? this.refused.cut(batch, lineMax) : undefined;
  }

  private async push(batch: Batch): Promise<void> {
    const { settings, clock, output, counters } = this.parts;
    const abort = new AbortController();
    this.aborts.add(abort);
    const timeout = clock.setTimer(() => abort.abort(), settings.timeoutMs);
    const { verdict, status } = await output.push(batch.bytes, abort.signal);
    timeout.cancel();
    this.aborts.delete(abort);
    addCount(counters.pushes[settings.index] as Map<string, number>, status, 1);
    if (this.stopped) return;
    this.flying.delete(batch);
    this.settle(batch, verdict);
    this.pump();
  }

  private settle(batch: Batch, verdict: PushVerdict): void {
    const { queue, log, onLimit } = this.parts;
    switch (verdict.kind) {
      case 'sent':
        this.ends.sent(batch);
        this.refused.succeeded();
        this.succeeded(batch);
        queue.release(batch);
        break;
      case 'refused':
        log.warn('W_PUSH_REFUSED', `the sink refused entries for good: ${verdict.why}`);
        queue.replace(batch, this.refused.settle(batch, verdict));
        onLimit();
        this.succeeded(batch);
        break;
      case 'split':
        if (isFarBelow(batch, verdict.limitBytes)) {
          const why = `${verdict.why}, though this one is far below that limit`;
          this.retry(batch, { kind: 'retry', code: 'W_PUSH_RETRY', why, throttled: false });
        } else this.split(batch, verdict);
        break;
      case 'retry':
      case 'blocked':
        this.retry(batch, verdict);
        break;
    }
  }

  private succeeded(batch: Batch): void {
    if (this.failing !== undefined) {
      const seconds = Math.round((this.parts.clock.nowMs() - this.failing.sinceMs) / 1000);
      this.parts.log.warn('W_PUSH_RECOVERED', `pushes succeed again after ${seconds} s`);
    }
    this.next.succeeded(batch);
  }

  private retry(batch: Batch, failure: Failure): void {
    const { settings, queue, counters, log } = this.parts;
    counters.totals.retries++;
    batch.attempts++;
    batch.throttled = failure.kind === 'retry' && failure.throttled ? batch.throttled + 1 : 0;
    const waitMs = this.next.failed(failure, settings);
    log.warn(failure.code, `push failed: ${failure.why}; next try in ${(waitMs / 1000).toFixed(1)} s`);
    if (this.giveUp(batch)) return;
    if (batch.throttled >= THROTTLED_SPLIT && this.splitInto(batch)) return;
    queue.putBack(batch);
  }

  /** Ends a batch that has reached a bound of retries. */
  private giveUp(batch: Batch): boolean {
    const { settings, clock, queue, log } = this.parts;
    const { attemptsMax = Number.POSITIVE_INFINITY, ageMaxMs = Number.POSITIVE_INFINITY } = settings;
    if (batch.attempts < attemptsMax && clock.nowMs() - batch.sinceMs < ageMaxMs) return false;
    log.warn('W_RETRIES_EXHAUSTED', 'a batch has reached the bound of retries and is given up');
    this.ends.dropped(batch, 'retries_exhausted');
    queue.release(batch);
    return true;
  }

  private split(batch: Batch, verdict: { why: string; limitBytes?: number }): void {
    const { queue, log, onLimit } = this.parts;
    // Without a number all that is known is that half of it may do.
    this.limits.learn(
      'decodedBytes',
      verdict.limitBytes === undefined ? batch.decodedBytes / 2 : verdict.limitBytes * 0.9,
    );
    onLimit();
    log.warn('W_PUSH_TOO_LARGE', `${verdict.why}: sent again in smaller pieces; lower batch.decodedMax`);
    if (this.splitInto(batch)) return;
    const lineBytes = Math.min(batch.decodedBytes, batch.lineMax ?? batch.decodedBytes);
    if (lineBytes > HALVED_LINE_MIN && isCut(this.parts.settings.cut)) {
      queue.replace(batch, this.refused.cut(batch, Math.floor(lineBytes / 2)));
      return;
    }
    log.warn('W_ENTRY_TOO_LARGE', 'one entry alone is too large for the sink and is dropped; lower lineMax');
    this.ends.dropped(batch, 'oversize');
    queue.release(batch);
  }

  private splitInto(batch: Batch): boolean {
    const pieces = splitBatch(batch);
    if (pieces === undefined) return false;
    this.parts.counters.totals.batchesSplit++;
    this.parts.queue.replace(batch, pieces);
    return true;
  }
}

/** A receiver that calls a small push too large is ill: halving it would end with single entries dropped one by one. */
function isFarBelow(batch: Batch, limitBytes: number | undefined): boolean {
  return limitBytes !== undefined && batch.decodedBytes < limitBytes * LIMIT_SLACK;
}

function isCut({ lineOver }: CutPolicy): boolean {
  return lineOver === 'split' || lineOver === 'truncate';
}
