// What a run in flight looks like, kept up from its events: for the live line on the terminal and for knowing when
// the pipeline has drained. Judging never reads this: it starts again from the recorded history.

import { nowNs } from '../core/real-clock.ts';
import type { AgentOwnData, DriverFlowData, DriverLoggerState, Event, PushData } from '../model/event.ts';

/** Running totals since the last reset. */
export interface Progress {
  readonly totals: {
    readLines: number;
    sentLines: number;
    droppedLines: number;
    acceptedLines: number;
    pushes: number;
    refused: number;
  };
  /** Median time between the agent's pushes, ms (0.5–15 s; 1 s while there are too few to tell). */
  flushIntervalMs(): number;
  /** Bytes of the agent's own origin per second over the last 2 s, at whichever point has most. */
  ownBytesPerSecond(): number;
  /** Milliseconds since lines or pushes moved last. */
  quietMs(): number;
  /** As `quietMs`, but pushes that hold no app line do not count. */
  appQuietMs(): number;
  /** Whether the driver holds or blocks on anything, as of its last word (which it repeats every 500 ms while so). */
  isDriverHolding(): boolean;
  /** Zero of the totals: load begins. */
  reset(): void;
  take(event: Event): void;
}

const OWN_WINDOW_NS = 2e9;
const HOLDING_WORD_NS = 1.2e9;

/** A progress with nothing in it. */
export function createProgress(): Progress {
  const totals = { readLines: 0, sentLines: 0, droppedLines: 0, acceptedLines: 0, pushes: 0, refused: 0 };
  const pushTimes: number[] = [];
  let own: { atNs: number; point: string; bytes: number }[] = [];
  let lastMovedNs = nowNs();
  let lastAppMovedNs = lastMovedNs;
  let heldAtNs = 0;

  const takePush = (event: Event, push: PushData): void => {
    if (event.hop !== 'sink') return;
    totals.pushes++;
    pushTimes.push(push.startedNs);
    if (push.status >= 200 && push.status < 300) totals.acceptedLines += push.appEntries;
    else totals.refused++;
    // Beside lines of apps an entry without an id may be one of theirs; a push that holds no other is the agent's own.
    const bytes = push.appEntries === 0 ? push.ownBytes : push.ownBytes - anonymousBytes(push);
    own.push({ atNs: event.atNs, point: 'push', bytes });
    lastMovedNs = event.atNs;
    if (push.appEntries > 0) lastAppMovedNs = event.atNs;
  };
  const takeFlow = (event: Event, flow: DriverFlowData): void => {
    if (event.kind === 'driver-read') totals.readLines += flow.lines;
    else if (event.kind === 'driver-sent') totals.sentLines += flow.lines;
    else totals.droppedLines += flow.lines;
    lastMovedNs = event.atNs;
    lastAppMovedNs = event.atNs;
  };

  return {
    totals,
    take(event) {
      if (event.kind === 'push') takePush(event, event.data as unknown as PushData);
      else if (event.kind === 'driver-read' || event.kind === 'driver-sent' || event.kind === 'driver-dropped')
        takeFlow(event, event.data as unknown as DriverFlowData);
      else if (event.kind === 'agent-own') {
        const { point, bytes } = event.data as unknown as AgentOwnData;
        own.push({ atNs: event.atNs, point, bytes });
      } else if (event.kind === 'probe' && event.data?.probe === 'driver-state') {
        const loggers = event.data.loggers as DriverLoggerState[];
        heldAtNs = loggers.some(({ heldBytes, queuedMessages }) => heldBytes > 0 || queuedMessages > 0)
          ? event.atNs
          : 0;
      }
    },
    flushIntervalMs: () => medianGapMs(pushTimes),
    ownBytesPerSecond() {
      const since = nowNs() - OWN_WINDOW_NS;
      own = own.filter(({ atNs }) => atNs >= since);
      const byPoint = new Map<string, number>();
      for (const { point, bytes } of own) byPoint.set(point, (byPoint.get(point) ?? 0) + bytes);
      return Math.max(0, ...byPoint.values()) / (OWN_WINDOW_NS / 1e9);
    },
    quietMs: () => (nowNs() - lastMovedNs) / 1e6,
    appQuietMs: () => (nowNs() - lastAppMovedNs) / 1e6,
    isDriverHolding: () => heldAtNs > 0 && nowNs() - heldAtNs < HOLDING_WORD_NS,
    reset() {
      for (const key of Object.keys(totals) as (keyof typeof totals)[]) totals[key] = 0;
    },
  };
}

/** Entries that may be anonymous app lines are no sign of a loop while the run is in flight. */
function anonymousBytes({ anonymous }: PushData): number {
  return Object.values(anonymous ?? {}).reduce((sum, [, bytes]) => sum + bytes, 0);
}

function medianGapMs(times: number[]): number {
  const gaps = times.slice(1).map((time, index) => (time - times[index]!) / 1e6);
  if (gaps.length < 3) return 1_000;
  const median = gaps.sort((a, b) => a - b)[Math.floor(gaps.length / 2)]!;
  return Math.min(15_000, Math.max(500, median));
}
