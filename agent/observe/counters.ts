// Everything that is counted. The books close at any moment: for each app and output, in log entries,
// `received + recovered + split = sent + dropped + rejected + what is still buffered`.

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
    datagramsDropped: 0,
    filesTruncated: 0,
    selfRecords: 0,
    partialPieces: 0,
    partialTimeouts: 0,
    partialOverflows: 0,
    timesReplaced: 0,
    timesMoved: 0,
    linesSplit: 0,
    linesTruncated: 0,
    metadataCut: 0,
    scrubbed: 0,
    streamsOverflowed: 0,
    batches: 0,
    batchesSplit: 0,
    retries: 0,
    bytesPushed: 0,
    ownLinesSuppressed: 0,
    diskErrors: 0,
    deadLetters: 0,
    stalls: 0,
    stalledMs: 0,
    deadLettersLost: 0,
    segmentsCorrupt: 0,
    segmentsTorn: 0,
  };
  /** Per output: pushes by HTTP status, or by the kind of failure where there was no answer. */
  readonly pushes: Map<string, number>[];
  /** How the outputs are called. */
  readonly outputNames: readonly string[];
  private readonly apps = new Map<string, AppCounters>();
  private readonly appsMax: number;

  /** @param appsMax bound on the number of apps told apart; the rest is counted as `_overflow`. */
  constructor(appsMax: number, outputNames: readonly string[] = ['loki']) {
    this.appsMax = appsMax;
    this.outputNames = outputNames;
    this.pushes = outputNames.map(() => new Map());
  }

  /** The counters of an app, made on first use. */
  ofApp(app: string): AppCounters {
    const known = this.apps.get(app);
    if (known !== undefined) return known;
    if (this.apps.size > this.appsMax && app !== '_overflow') return this.ofApp('_overflow');
    const outputs = this.outputNames.map(() => ({
      ...{ recovered: 0, split: 0, sent: 0 },
      ...{ dropped: new Map(), rejected: new Map() },
    }));
    const counters = { app, received: 0, receivedBytes: 0, dropped: new Map(), outputs };
    this.apps.set(app, counters);
    return counters;
  }

  /** All apps seen so far. */
  listApps(): AppCounters[] {
    return [...this.apps.values()];
  }

  /** Sums over all apps; with several outputs, over these too: an entry has one end at each of them. */
  sum(): { received: number; sent: number; dropped: number; rejected: number } {
    const sum = { received: 0, sent: 0, dropped: 0, rejected: 0 };
    for (const app of this.apps.values()) {
      sum.received += app.received;
      sum.dropped += total(app.dropped);
      for (const output of app.outputs) {
        sum.sent += output.sent;
        sum.dropped += total(output.dropped);
        sum.rejected += total(output.rejected);
      }
    }
    return sum;
  }
}

function total(counts: Map<string, number>): number {
  let sum = 0;
  for (const count of counts.values()) sum += count;
  return sum;
}

/** Adds to one key of a counting map. */
export function addCount(map: Map<string, number>, key: string, count: number): void {
  if (count > 0) map.set(key, (map.get(key) ?? 0) + count);
}
