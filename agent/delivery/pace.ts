// Slows pushes down after "too many requests": what piled up in an outage must not be thrown at the sink at once.
// Each 429 doubles the gap between pushes, each success shortens it until it is gone.

const GAP_MS_MIN = 125;
const GAP_MS_MAX = 4000;

/** The gap between pushes. */
export class Pace {
  /** No push before this moment, on the agent's clock. */
  notBeforeMs = 0;
  private gapMs = 0;

  /** The sink said that it is too much. */
  throttled(): void {
    this.gapMs = Math.min(GAP_MS_MAX, Math.max(GAP_MS_MIN, 2 * this.gapMs));
  }

  /** The sink accepted a push at `nowMs`. */
  succeeded(nowMs: number): void {
    this.notBeforeMs = nowMs + this.gapMs;
    this.gapMs = this.gapMs < GAP_MS_MIN / 4 ? 0 : this.gapMs * 0.8;
  }
}
