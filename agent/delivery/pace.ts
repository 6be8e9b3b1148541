// Slows pushes down after "too many requests": what piled up in an outage must not be thrown at the sink at once.
// Each 429 doubles the gap between pushes, each success shortens it until it is gone. Where the answer names the rate, pushes
// also keep to it for as long as limits are remembered.

import type { Batch, ReceiverRate } from '../model.ts';

const GAP_MS_MIN = 125;
const GAP_MS_MAX = 4000;
/** Of the rate that the receiver names: others may push there too, and its bucket is no stopwatch. */
const RATE_SHARE = 0.9;

/** The gap between pushes. */
export class Pace {
  /** No push before this moment, on the agent's clock. */
  notBeforeMs = 0;
  private gapMs = 0;
  private rate: { rate: ReceiverRate; untilMs: number } | undefined;

  /** The sink said that it is too much. */
  throttled(): void {
    this.gapMs = Math.min(GAP_MS_MAX, Math.max(GAP_MS_MIN, 2 * this.gapMs));
  }

  /** The sink named its rate; it is kept to until `untilMs`. */
  limit(rate: ReceiverRate, untilMs: number): void {
    this.rate = { rate, untilMs };
  }

  /** The sink accepted a push at `nowMs`. */
  succeeded(nowMs: number, batch: Batch): void {
    const freeMs = Math.max(this.notBeforeMs, nowMs) + this.costMs(nowMs, batch);
    this.notBeforeMs = Math.max(nowMs + this.gapMs, freeMs);
    this.gapMs = this.gapMs < GAP_MS_MIN / 4 ? 0 : this.gapMs * 0.8;
  }

  /** How long the receiver needs for a batch at its rate. */
  private costMs(nowMs: number, batch: Batch): number {
    if (this.rate === undefined || nowMs >= this.rate.untilMs) return 0;
    const { bytesPerSecond, labels } = this.rate.rate;
    let share = 1;
    if (labels !== undefined) {
      const entries = batch.parts.reduce((sum, part) => sum + (part.labels === labels ? part.entries : 0), 0);
      share = entries / batch.entries;
    }
    return (1000 * share * batch.decodedBytes) / (bytesPerSecond * RATE_SHARE);
  }
}
