// One noisy app must not cost the others their place: a bucket of tokens per app. It is filled only when it is empty, so
// that a line costs a comparison and a subtraction.

/** Settings of a limit. */
export interface RateLimitSettings {
  linesPerSecond: number;
  /** Lines that may come at once after a silence. */
  burst: number;
}

/** The bucket of one app. */
export class RateLimit {
  private readonly settings: RateLimitSettings;
  private readonly nowMs: () => number;
  private tokens: number;
  private sinceMs: number;

  constructor(settings: RateLimitSettings, nowMs: () => number) {
    this.settings = settings;
    this.nowMs = nowMs;
    this.tokens = settings.burst;
    this.sinceMs = nowMs();
  }

  /** Takes one line's token; false if there is none. */
  take(): boolean {
    if (this.tokens < 1) this.refill();
    if (this.tokens < 1) return false;
    this.tokens--;
    return true;
  }

  private refill(): void {
    const nowMs = this.nowMs();
    const { linesPerSecond, burst } = this.settings;
    const earned = ((nowMs - this.sinceMs) / 1000) * linesPerSecond;
    this.tokens = Math.min(burst, this.tokens + earned);
    this.sinceMs = nowMs;
  }
}
