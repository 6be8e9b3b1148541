// How long the writes of one app took, how late its lines were and how its requests ended, from its line records in
// one pass: 4 bytes a line, and one interval for each slow write.

import type { History } from '../model/history.ts';
import { LINE_KINDS, type LineRecord } from '../model/line-record.ts';
import { createLateness } from './lateness.ts';

/** A stretch of time, ms since load start. */
export interface Interval {
  fromMs: number;
  toMs: number;
}

/** A stretch in which an app stood in writes, one after the other. `longestMs`: its longest single write. */
export interface BlockedRun extends Interval {
  longestMs: number;
  /** Still open when the app ended. */
  isOpen: boolean;
}

/** What was measured of one app. */
export interface WriteTimes {
  app: string;
  writes: number;
  /** Lines that the driver says it read, where the app does not tell of its writes. */
  reads: number;
  writeMaxMs: number;
  /** Writes of `slowMs` and more, in order of their beginning; the last may still be open. */
  slow: (Interval & { isOpen: boolean })[];
  latenessP99Ms: number;
  latenessMaxMs: number;
  requests: { due: number; answered: number; failed: number; notSent: number; badStatus: number };
  /** Requests that were not answered well: planned instant or sending, and how long they waited. */
  failures: { fromMs: number; toMs: number; count: number; waitedMaxMs: number };
  /** Bytes written to stdout, newlines included, in writes that ended in [fromMs, toMs). */
  bytesBetween(fromMs: number, toMs: number): number;
  /** Whether a request was answered in [fromMs, toMs). */
  answeredBetween(fromMs: number, toMs: number): boolean;
}

/** Writes shorter than this are no blocking, unless the scenario's limit is shorter still. */
const SLOW_WRITE_MS = 100;
const BIN_MS = 10;

/** Writes that were published while they were open, by seq; `toMs` where their end was told. */
export type PublishedWrites = ReadonlyMap<number, { fromMs: number; toMs: number | undefined }>;

/** What measuring needs. `endMs`: until when an open write lasts (the app's end). */
export interface MeasureOptions {
  loadStartNs: number;
  endMs: number;
  published: PublishedWrites;
  /** The longest write that is allowed: from here on writes count as slow, at the latest. */
  writeMaxMs: number;
}

/** Measures one app. */
export async function measureWrites(history: History, app: string, options: MeasureOptions): Promise<WriteTimes> {
  const meter = new WriteMeter(app, options);
  await history.lines(app, (record) => meter.add(record));
  return meter.finish(options.endMs);
}

class WriteMeter {
  readonly #times: WriteTimes;
  readonly #loadStartNs: number;
  readonly #slowMs: number;
  readonly #open = new Map<number, number>();
  readonly #published: Map<number, { fromMs: number; toMs: number | undefined }>;
  readonly #failed = new Set<number>();
  readonly #written = createBins();
  readonly #answered = createBins();
  #dueMs = new Float32Array(1_024).fill(Number.NaN);
  readonly #lateness = createLateness();

  constructor(app: string, { loadStartNs, published, writeMaxMs }: MeasureOptions) {
    this.#loadStartNs = loadStartNs;
    this.#published = new Map(published);
    this.#slowMs = Math.max(1, Math.min(SLOW_WRITE_MS, writeMaxMs));
    this.#times = {
      app,
      ...{ writes: 0, reads: 0, writeMaxMs: 0, slow: [], latenessP99Ms: 0, latenessMaxMs: 0 },
      requests: { due: 0, answered: 0, failed: 0, notSent: 0, badStatus: 0 },
      failures: { fromMs: Number.POSITIVE_INFINITY, toMs: 0, count: 0, waitedMaxMs: 0 },
      bytesBetween: this.#written.between,
      answeredBetween: (fromMs, toMs) => this.#answered.between(fromMs, toMs) > 0,
    };
  }

  add(record: LineRecord): void {
    const { kind } = record;
    if (kind === LINE_KINDS.written || kind === LINE_KINDS.anonymous)
      this.#addWrite(record, kind === LINE_KINDS.written);
    else if (kind === LINE_KINDS.planned) this.#addPlanned(record);
    else if (kind === LINE_KINDS.driverRead) this.#times.reads++;
    else if (kind === LINE_KINDS.answered) this.#addAnswer(record);
    else if (kind === LINE_KINDS.failed)
      this.#addFailure('failed', record.seq, this.#ms(record.atNs), (record.value - record.atNs) / 1e6);
    else if (kind === LINE_KINDS.notSent) this.#addFailure('notSent', record.seq, this.#ms(record.atNs), 0);
  }

  finish(endMs: number): WriteTimes {
    const times = this.#times;
    for (const [key, beginMs] of this.#open) {
      if (!this.#published.has(key)) this.#addSlow({ fromMs: beginMs, toMs: Math.max(beginMs, endMs), isOpen: true });
    }
    for (const { fromMs, toMs } of this.#published.values()) {
      this.#addSlow({ fromMs, toMs: Math.max(fromMs, toMs ?? endMs), isOpen: toMs === undefined });
    }
    times.slow.sort((a, b) => a.fromMs - b.fromMs);
    times.latenessP99Ms = this.#lateness.p99Ms();
    times.latenessMaxMs = this.#lateness.maxMs();
    return times;
  }

  #addPlanned({ seq, value }: LineRecord): void {
    this.#times.requests.due++;
    if (seq >= this.#dueMs.length) {
      const grown = new Float32Array(Math.ceil((seq + 1) * 1.6)).fill(Number.NaN, this.#dueMs.length);
      grown.set(this.#dueMs);
      this.#dueMs = grown;
    }
    this.#dueMs[seq] = value;
  }

  #addWrite({ seq, atNs, value, bytes }: LineRecord, hasId: boolean): void {
    const key = hasId ? seq : -1 - seq;
    const beginMs = this.#ms(atNs);
    const wasOpen = this.#open.delete(key);
    if (!wasOpen && hasId) this.#addLateness(seq, beginMs);
    if (value === 0) {
      this.#open.set(key, beginMs);
      return;
    }
    const endMs = this.#ms(value);
    this.#published.delete(key);
    this.#times.writes++;
    this.#written.add(endMs, bytes + 1);
    this.#addSlow({ fromMs: beginMs, toMs: endMs, isOpen: false });
  }

  #addSlow(write: Interval & { isOpen: boolean }): void {
    const tookMs = write.toMs - write.fromMs;
    this.#times.writeMaxMs = Math.max(this.#times.writeMaxMs, tookMs);
    if (tookMs >= this.#slowMs) this.#times.slow.push(write);
  }

  #addLateness(seq: number, beginMs: number): void {
    const dueMs = this.#dueMs[seq] ?? Number.NaN;
    if (!Number.isNaN(dueMs)) this.#lateness.add(Math.max(0, beginMs - dueMs));
  }

  #addAnswer({ seq, atNs, value, detail }: LineRecord): void {
    const { requests } = this.#times;
    if (detail >= 500) {
      requests.badStatus++;
      this.#addFailure('failed', seq, this.#ms(atNs), (value - atNs) / 1e6);
    } else {
      requests.answered++;
      this.#answered.add(this.#ms(value), 1);
    }
  }

  #addFailure(how: 'failed' | 'notSent', seq: number, atMs: number, waitedMs: number): void {
    const { requests, failures } = this.#times;
    if (this.#failed.has(seq)) return;
    this.#failed.add(seq);
    requests[how]++;
    failures.count++;
    const dueMs = this.#dueMs[seq] ?? Number.NaN;
    failures.fromMs = Math.min(failures.fromMs, Number.isNaN(dueMs) ? atMs : dueMs);
    failures.toMs = Math.max(failures.toMs, atMs + waitedMs);
    failures.waitedMaxMs = Math.max(failures.waitedMaxMs, waitedMs);
  }

  #ms(atNs: number): number {
    return (atNs - this.#loadStartNs) / 1e6;
  }
}

function createBins(): { add(ms: number, amount: number): void; between(fromMs: number, toMs: number): number } {
  let bins = new Float64Array(1_024);
  return {
    add: (ms, amount) => {
      const bin = Math.max(0, Math.floor(ms / BIN_MS));
      if (bin >= bins.length) {
        const grown = new Float64Array(Math.ceil((bin + 1) * 1.6));
        grown.set(bins);
        bins = grown;
      }
      bins[bin]! += amount;
    },
    between: (fromMs, toMs) => {
      let sum = 0;
      const last = Math.min(bins.length, Math.ceil(toMs / BIN_MS));
      for (let bin = Math.max(0, Math.floor(fromMs / BIN_MS)); bin < last; bin++) sum += bins[bin]!;
      return sum;
    },
  };
}
