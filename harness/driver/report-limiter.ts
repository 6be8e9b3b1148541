// How many lines about failed messages the daemon writes into its own log: all of them, or at most so many a second.

import type { DriverClock } from './clock.ts';

/** Whether one more line is written; takes it if so. */
export type ReportLimiter = () => boolean;

/** A limiter with a second's worth to begin with, refilled continuously. Infinity lets everything pass. */
export function createReportLimiter(perSecond: number, clock: DriverClock): ReportLimiter {
  if (perSecond === Number.POSITIVE_INFINITY) return () => true;
  let tokens = perSecond;
  let lastNs = clock.nowNs();
  return () => {
    const nowNs = clock.nowNs();
    tokens = Math.min(perSecond, tokens + ((nowNs - lastNs) / 1e9) * perSecond);
    lastNs = nowNs;
    if (tokens < 1) return false;
    tokens--;
    return true;
  };
}
