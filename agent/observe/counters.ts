// Everything that is counted. The books close at any moment: for each app, in log entries,
// `received = sent + dropped + rejected + what is still buffered`.

import type { AppCounters } from '../model.ts';

/** Counts by app and by name. */
export class Counters {
  /** Counters that belong to no app, by metric name without prefix and suffix. */
  readonly totals = {
    malformed: 0,
    ignored: 0,
    truncatedMessages: 0,
    connections: 0,
    connectionsRefused: 0,
    connectionsClosed: 0,
    bytesRead: 0,
    acks: 0,
    selfRecords: 0,
    partialPieces: 0,
    partialTimeouts: 0,
    partialOverflows: 0,
    timesReplaced: 0,
    timesMoved: 0,
    linesSplit: 0,
    linesTruncated: 0,
    streamsOverflowed: 0,
    batches: 0,
    batchesSplit: 0,
    retries: 0,
    bytesPushed: 0,
    ownLinesSuppressed: 0,
  };
  /** Pushes by HTTP status, or by the kind of failure where there was no answer. */
  readonly pushes = new Map<string, number>();
  private readonly apps = new Map<string, AppCounters>();
  private readonly appsMax: number;

  /** @param appsMax bound on the number of apps told apart; the rest is counted as `_overflow`. */
  constructor(appsMax: number) {
    this.appsMax = appsMax;
  }

  /** The counters of an app, made on first use. */
  ofApp(app: string): AppCounters {
    const known = this.apps.get(app);
    if (known !== undefined) return known;
    if (this.apps.size > this.appsMax && app !== '_overflow') return this.ofApp('_overflow');
    const counters = { app, received: 0, receivedBytes: 0, sent: 0, dropped: new Map(), rejected: new Map() };
    this.apps.set(app, counters);
    return counters;
  }

  /** All apps seen so far. */
  listApps(): AppCounters[] {
    return [...this.apps.values()];
  }

  /** Sums over all apps. */
  sum(): { received: number; sent: number; dropped: number; rejected: number } {
    const sum = { received: 0, sent: 0, dropped: 0, rejected: 0 };
    for (const app of this.apps.values()) {
      sum.received += app.received;
      sum.sent += app.sent;
      for (const count of app.dropped.values()) sum.dropped += count;
      for (const count of app.rejected.values()) sum.rejected += count;
    }
    return sum;
  }
}

/** Adds to one key of a counting map. */
export function addCount(map: Map<string, number>, key: string, count: number): void {
  if (count > 0) map.set(key, (map.get(key) ?? 0) + count);
}
