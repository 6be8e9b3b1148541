// What the load generator tells of itself once a second: whether it kept its plan, and whether it was itself held up.

import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { ProbeData } from '../../model/event.ts';

const RESOLUTION_MS = 10;

/** Collects what happened since the last `take`. */
export interface LoadProbe {
  /** null: the request had to wait for a free connection, which is not our lateness. */
  sent(latenessMs: number | null): void;
  notSent(): void;
  take(inFlight: number): ProbeData;
}

/** Starts watching the event loop. */
export function createLoadProbe(): LoadProbe {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  let maxLatenessMs = 0;
  let notSent = 0;
  return {
    sent: (latenessMs) => {
      if (latenessMs !== null && latenessMs > maxLatenessMs) maxLatenessMs = latenessMs;
    },
    notSent: () => {
      notSent++;
    },
    take: (inFlight) => {
      // The monitor counts its own period as delay.
      const data: ProbeData = {
        probe: 'load',
        maxLatenessMs,
        inFlight,
        notSent,
        eventLoopMaxMs: Math.max(0, delay.max / 1e6 - RESOLUTION_MS),
      };
      delay.reset();
      maxLatenessMs = 0;
      notSent = 0;
      return data;
    },
  };
}
