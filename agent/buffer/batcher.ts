// Writes records straight into the protobuf of the next push, and seals it by size, count or age. The only copy of a
// line between the socket and the compressor is made here.
//
// Time: Docker sends whole seconds unless told otherwise, and Loki keeps only one of two entries with equal stream, time
// and line; before 2.4 it refuses entries that go back. So within a stream every entry gets a time of its own: one that
// is not after its predecessor moves to one nanosecond after it. Order is kept, and equal lines stay two entries.

import { strict as assert } from 'node:assert';
import { varintSize, writeVarint } from '../codec/protobuf.ts';
import { compressTo, writePreamble } from '../codec/snappy-compress.ts';
import type { Batch, BatchPart } from '../model.ts';
import { addCount, type Counters } from '../observe/counters.ts';
import type { Arena } from './arena.ts';
import type { Metadata } from './metadata.ts';
import type { BufferPool } from './pool.ts';
import { Segments } from './segments.ts';
import { removeMarked } from './self-filter.ts';
import type { Stream } from './stream-table.ts';

/** Entry, timestamp and line headers at their longest, see `append`. */
const ENTRY_OVERHEAD_MAX = 32;
/** No receiver makes batches smaller than this; the largest line must fit all the same. */
const BATCH_BYTES_MIN = 65_536;
const NANOS_PER_SECOND = 1_000_000_000;

/** Settings of the batcher. */
export interface BatcherOptions {
  arena: Arena;
  pool: BufferPool;
  counters: Counters;
  /** Bytes that mark a line as a larsen-agent's own. */
  marker: Buffer;
  decodedMax: number;
  entriesMax: number;
  nowMs(): number;
  /** The first entry of a new batch has come; the age of the batch counts from now. */
  onOpen(): void;
  onSealed(batch: Batch): void;
}

/** The open batch. */
export class Batcher {
  /** What goes behind the line in its entry, where the config asks for it. */
  metadata: Pick<Metadata, 'bytes' | 'length'> | undefined;
  /** Entries in the open batch. */
  entries = 0;
  /** Bytes that the open batch will have in protobuf. */
  decodedBytes = 0;
  private readonly options: BatcherOptions;
  private readonly bytes: Uint8Array;
  private readonly segments: Segments;
  private decodedMax: number;
  private number = 1;
  private sinceMs = 0;
  private longest = 0;
  private active: Stream[] = [];

  constructor(options: BatcherOptions) {
    this.options = options;
    this.bytes = options.arena.bytes;
    this.decodedMax = options.decodedMax;
    this.segments = new Segments(options.arena.regionStart, options.arena.regionEnd);
  }

  /** Number of the newest batch that holds anything: the open one, or the one that was sealed last. */
  get newest(): number {
    return this.entries > 0 ? this.number : this.number - 1;
  }

  /** Keeps below what a receiver turned out to take, as long as that is known. */
  limit(decodedBytes: number | undefined): void {
    const { decodedMax } = this.options;
    this.decodedMax = Math.max(BATCH_BYTES_MIN, Math.min(decodedMax, decodedBytes ?? decodedMax));
  }

  /** Adds the line `source[start, start + length)` to a stream. `secondsSent` is positive. Plain arguments: no object per record. */
  append(
    stream: Stream,
    source: Uint8Array,
    start: number,
    length: number,
    secondsSent: number,
    nanosSent: number,
  ): void {
    const { metadata } = this;
    const extra = metadata === undefined ? 0 : metadata.length;
    const need = length + extra + ENTRY_OVERHEAD_MAX;
    if (
      stream.batch !== this.number ||
      stream.position + need > stream.end ||
      this.decodedBytes + need > this.decodedMax ||
      this.entries >= this.options.entriesMax
    ) {
      this.makeRoom(stream, need);
    }
    let seconds = secondsSent;
    let nanos = nanosSent;
    if (seconds < stream.seconds || (seconds === stream.seconds && nanos <= stream.nanos)) {
      seconds = stream.seconds;
      nanos = stream.nanos + 1;
      if (nanos === NANOS_PER_SECOND) {
        seconds++;
        nanos = 0;
      }
      this.options.counters.totals.timesMoved++;
    }
    stream.seconds = seconds;
    stream.nanos = nanos;
    const timeSize = 2 + varintSize(seconds) + varintSize(nanos);
    const bodySize = 2 + timeSize + 1 + varintSize(length) + length + extra;
    const bytes = this.bytes;
    const first = stream.position;
    let at = first;
    bytes[at] = 0x12;
    at = writeVarint(bytes, at + 1, bodySize);
    bytes[at] = 0x0a;
    bytes[at + 1] = timeSize;
    bytes[at + 2] = 0x08;
    at = writeVarint(bytes, at + 3, seconds);
    bytes[at] = 0x10;
    at = writeVarint(bytes, at + 1, nanos);
    bytes[at] = 0x12;
    at = writeVarint(bytes, at + 1, length);
    if (source !== bytes) bytes.set(source.subarray(start, start + length), at);
    else bytes.copyWithin(at, start, start + length);
    at += length;
    if (metadata !== undefined && extra > 0) {
      bytes.set(metadata.bytes.subarray(0, extra), at);
      at += extra;
    }
    stream.position = at;
    stream.entries++;
    this.entries++;
    if (length > this.longest) this.longest = length;
    this.decodedBytes += at - first;
    stream.counters.received++;
    stream.counters.receivedBytes += length;
  }

  /** Closes the open batch, if it holds anything, and hands it on. `early`: an ack waits for it, it might have grown. */
  seal(early = false): void {
    if (this.entries === 0) return;
    const { arena, pool, counters, nowMs } = this.options;
    for (const stream of this.active) this.segments.used[stream.lastSegment] = stream.position;
    const parts: BatchPart[] = [];
    const sinceMs = this.sinceMs;
    const sizes = this.active.map((stream) => this.closeStream(stream, parts));
    const decoded = sizes.reduce((sum, size) => sum + size, 0);
    const entries = parts.reduce((sum, part) => sum + part.entries, 0);
    let at = writePreamble(this.bytes, arena.outputStart, decoded);
    this.active.forEach((stream, i) => {
      if (sizes[i] === 0) return;
      for (let segment = stream.firstSegment; segment >= 0; segment = this.segments.next[segment] as number) {
        const range = { start: this.segments.start[segment] as number, end: this.segments.used[segment] as number };
        at = compressTo(this.bytes, arena.view, range, at);
      }
    });
    const sequence = this.number;
    const lineMax = this.longest;
    this.clear();
    if (entries === 0) return;
    const length = at - arena.outputStart;
    const memory = pool.take(length);
    memory.set(this.bytes.subarray(arena.outputStart, at));
    counters.totals.batches++;
    this.options.onSealed({
      sequence,
      bytes: memory.subarray(0, length),
      capacityBytes: memory.length,
      decodedBytes: decoded,
      entries,
      lineMax,
      parts,
      sinceMs: Math.min(sinceMs, nowMs()),
      attempts: 0,
      throttled: 0,
      early,
    });
  }

  /** Filters a stream's entries and writes its header; returns its size in the request, 0 if nothing is left of it. */
  private closeStream(stream: Stream, parts: BatchPart[]): number {
    const { marker, counters } = this.options;
    const { start, used, next } = this.segments;
    let size = 0;
    let removed = 0;
    for (let segment = stream.firstSegment; segment >= 0; segment = next[segment] as number) {
      const filtered = removeMarked(
        this.bytes,
        { start: start[segment] as number, end: used[segment] as number },
        marker,
      );
      used[segment] = filtered.end;
      removed += filtered.removed;
      size += filtered.end - (start[segment] as number);
    }
    if (removed > 0) {
      counters.totals.selfRecords += removed;
      addCount(stream.counters.dropped, 'self', removed);
    }
    stream.segmentHint = size;
    if (removed === stream.entries) return 0;
    parts.push({ counters: stream.counters, labels: stream.labels, entries: stream.entries - removed });
    const inner = size + stream.labelField.length;
    const headerSize = 1 + varintSize(inner) + stream.labelField.length;
    // The header goes into the room that was left in front of the first entry, so that it ends where the entry begins.
    let at = (start[stream.firstSegment] as number) - headerSize;
    start[stream.firstSegment] = at;
    this.bytes[at] = 0x0a;
    at = writeVarint(this.bytes, at + 1, inner);
    this.bytes.set(stream.labelField, at);
    return size + headerSize;
  }

  private makeRoom(stream: Stream, need: number): void {
    const header = stream.batch === this.number ? 0 : headerMax(stream);
    const full = this.decodedBytes + header + need > this.decodedMax || this.entries >= this.options.entriesMax;
    if ((full && this.entries > 0) || !this.extend(stream, need)) {
      this.seal();
      assert(this.extend(stream, need), 'a line longer than the open batch got past the line limit');
    }
  }

  /** Gives the stream room for `need` bytes in the open batch; false when the region is used up. */
  private extend(stream: Stream, need: number): boolean {
    const isNew = stream.batch !== this.number;
    if (!isNew && stream.position + need <= stream.end) return true;
    const header = isNew ? headerMax(stream) : 0;
    const segment = this.segments.allocate(header + need, isNew ? stream.segmentHint : stream.segmentHint * 2);
    if (segment < 0) return false;
    if (this.entries === 0) this.open();
    const start = (this.segments.start[segment] as number) + header;
    this.segments.start[segment] = start;
    if (isNew) {
      stream.batch = this.number;
      stream.entries = 0;
      stream.firstSegment = segment;
      this.active.push(stream);
      this.decodedBytes += header;
    } else {
      this.segments.used[stream.lastSegment] = stream.position;
      this.segments.next[stream.lastSegment] = segment;
    }
    stream.segmentHint = this.segments.newestEnd - start;
    stream.lastSegment = segment;
    stream.position = start;
    stream.end = this.segments.newestEnd;
    return true;
  }

  private open(): void {
    if (this.active.length > 0) return;
    this.sinceMs = this.options.nowMs();
    this.options.onOpen();
  }

  private clear(): void {
    this.number++;
    this.entries = 0;
    this.longest = 0;
    this.decodedBytes = 0;
    this.active = [];
    this.segments.reset();
  }
}

/** Bytes in front of a stream's first entry: field number, length, labels. */
function headerMax(stream: Stream): number {
  return stream.labelField.length + 6;
}

/** Memory that the open batch needs so that a batch of `decodedMax` bytes fits however it is spread over streams. */
export function regionBytes(decodedMax: number): number {
  return 2 * decodedMax + 65_536;
}
