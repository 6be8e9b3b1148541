// The monotonic clock of the real-time engines: comparable between all processes of one host.

/**
 * Nanoseconds on `process.hrtime.bigint()`'s clock, as a double. Exact to a nanosecond for 104 days of uptime
 * (2^53 ns) and to 2 ns for as long again, which is far below what is measured here.
 */
export function nowNs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1e9 + nanoseconds;
}

/** Resolves after `delayMs`, or rejects with the signal's reason when it is aborted. */
export function sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, delayMs);
    signal?.addEventListener('abort', stop, { once: true });
  });
}
