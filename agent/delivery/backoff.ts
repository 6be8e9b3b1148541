// How long to wait before a push is tried again.

/** Settings of the waits, in milliseconds. */
export interface BackoffSettings {
  minMs: number;
  maxMs: number;
}

/** Longest wait that a receiver's Retry-After is believed for. */
export const RETRY_AFTER_MS_MAX = 60_000;

/**
 * The wait after the `failures`-th failure in a row: doubling from `minMs` to `maxMs`, of which a random half is taken
 * off, so that many agents do not come back in step. `random` is in [0, 1).
 */
export function backoffMs(failures: number, settings: BackoffSettings, random: number): number {
  const full = Math.min(settings.maxMs, settings.minMs * 2 ** Math.min(failures - 1, 30));
  return full * (0.5 + random / 2);
}

/** Never earlier than a receiver asked for, and up to a tenth later. */
export function retryAfterMs(askedMs: number, random: number): number {
  return Math.min(askedMs, RETRY_AFTER_MS_MAX) * (1 + random / 10);
}
