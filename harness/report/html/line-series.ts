// The series that come from the lines files: due, written and sent lines, and how long writes were open.

import type { History } from '../../model/history.ts';
import { LINE_KINDS, type LineRecord } from '../../model/line-record.ts';
import type { Bins, Series } from './bins.ts';
import { createWriteBands, type WriteBands } from './write-bands.ts';

/** Series over all apps; writes per app. */
export interface LineSeries {
  due: Series;
  written: Series;
  /** Bytes of the written lines. */
  writtenBytes: Series;
  /** Undefined when no lines file tells what the driver sent (then the driver's flow events do). */
  sentByRecords: Series | undefined;
  writes: { name: string; maxMs: Series }[];
  /** Percentiles of the writes of all apps together. */
  writeBands: WriteBands;
}

/** Reads each lines file once. */
export async function readLineSeries(history: History, bins: Bins): Promise<LineSeries> {
  const due = bins.zeros();
  const written = bins.zeros();
  const writtenBytes = bins.zeros();
  const sent = bins.zeros();
  let sentRecords = 0;
  const writes: { name: string; maxMs: Series }[] = [];
  const bands = createWriteBands(bins);
  for (const app of history.apps()) {
    const latency = createWriteLatency(bins, bands.add);
    await history.lines(app, (record) => {
      if (record.kind === LINE_KINDS.planned) {
        const index = Math.floor(record.value / bins.binMs);
        if (index >= 0 && index < bins.count) due[index]! += 1;
      } else if (record.kind === LINE_KINDS.written) {
        if (latency.add(record)) {
          count(written, bins.indexOf(record.atNs));
          count(writtenBytes, bins.indexOf(record.atNs), record.bytes);
        }
      } else if (record.kind === LINE_KINDS.driverSent) {
        sentRecords++;
        count(sent, bins.indexOf(record.atNs));
      } else if (record.kind === LINE_KINDS.anonymous) {
        latency.add(record);
      }
    });
    writes.push({ name: app, maxMs: latency.close() });
  }
  return {
    due: bins.perSecond(due),
    written: bins.perSecond(written),
    writtenBytes: bins.perSecond(writtenBytes),
    sentByRecords: sentRecords > 0 ? bins.perSecond(sent) : undefined,
    writes,
    writeBands: bands.describe(),
  };
}

function count(sums: Float64Array, index: number, amount = 1): void {
  if (index !== -1) sums[index]! += amount;
}

/**
 * The longest write open in each bin. A write longer than a bin grows over the bins it spans, as one who looked
 * would have seen it; one that never returned grows to the end of the run. `take` is told each write in each of its bins.
 */
function createWriteLatency(bins: Bins, take: (bin: number, ms: number) => void) {
  const maxMs = bins.nulls();
  /** Begin of writes that were reported open, by kind and seq, until their end is reported. */
  const open = new Map<number, number>();
  const spread = (beginNs: number, endNs: number): void => {
    const first = Math.max(0, bins.indexOf(beginNs));
    if (beginNs >= bins.startNs(bins.count) || endNs < bins.startNs(0)) return;
    for (let index = first; index < bins.count; index++) {
      const seenUntilNs = Math.min(endNs, bins.startNs(index + 1));
      const openMs = (seenUntilNs - beginNs) / 1e6;
      maxMs[index] = Math.max(maxMs[index] ?? 0, openMs);
      take(index, openMs);
      if (seenUntilNs === endNs) return;
    }
  };
  return {
    /** Takes a write in; false when its line was taken in before (as an open write). */
    add({ kind, seq, atNs, value }: LineRecord): boolean {
      // A number, because this runs for every line: seq is 32 bits wide.
      const key = kind * 4_294_967_296 + seq;
      if (value === 0) {
        const isNew = !open.has(key);
        open.set(key, atNs);
        return isNew;
      }
      spread(atNs, value);
      // A map that is almost always empty: most writes are never seen open.
      return open.size === 0 || !open.delete(key);
    },
    close(): Series {
      for (const beginNs of open.values()) spread(beginNs, bins.startNs(bins.count));
      return maxMs;
    },
  };
}
