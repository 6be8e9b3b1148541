// The buffer of one output on disk, in the order of sealing. A batch is written before an ack may rest on it; it then
// stays in memory too while the window has room, and is read back when its turn comes if it has not. So memory is bounded
// however large the backlog is, and a sink that keeps up costs no read at all.
//
//   push ──► pending ──write──► segments                      (disk: up to diskMax)
//                └────────────► window of waiting batches ──► delivery   (memory: up to memoryMax)
//                   read back ──┘ when the window has room
//
// A write that fails leaves its batch in memory, unkept: it is delivered all the same, and no ack rests on it until then.

import type { AppCounters, Batch } from '../model.ts';
import { addCount } from '../observe/counters.ts';
import type { Clock } from '../ports.ts';
import { DiskReader } from './disk-reader.ts';
import { DiskStore, type DiskStoreOptions, type FrameRef } from './disk-store.ts';
import { BatchWindow } from './disk-window.ts';
import { DiskWriter } from './disk-writer.ts';
import type { BufferPool } from './pool.ts';
import { type BatchQueue, type BufferBounds, type BufferPolicy, dropBatch, giveBack, pauseShare } from './queue.ts';

/** Settings of the queue. */
export interface DiskQueueOptions extends Omit<DiskStoreOptions, 'onTrouble'> {
  clock: Clock;
  memoryMax: number;
  diskMax: number;
  policy: BufferPolicy;
  fsyncIntervalMs: number;
  /** New batches go before a backlog that waits on disk. */
  liveFirst: boolean;
  pool: BufferPool;
  /** Number of the output that the queue stands before. */
  output: number;
  onPause(paused: boolean): void;
  /** Batches were written, or have found their end. */
  onReleased(): void;
  /** Batches can be taken. */
  onReady(): void;
  onEvent(event: DiskEvent): void;
}

/** What is worth a count or a line in the agent's log. */
export type DiskEvent =
  | { kind: 'error'; error: unknown }
  | { kind: 'recovered'; frames: number; corruptSegments: number; tornSegments: number };

/** See the file's comment. */
export class DiskQueue implements BatchQueue {
  bytes = 0;
  entries = 0;
  private options: DiskQueueOptions;
  private readonly store: DiskStore;
  private readonly writer: DiskWriter;
  private readonly reader: DiskReader;
  private readonly window = new BatchWindow();
  /** Batches that no disk holds; the first of them is the oldest. */
  private readonly unkept = new Set<Batch>();
  private readonly frames = new Map<Batch, FrameRef[]>();
  private paused = false;
  private closed = false;

  constructor(options: DiskQueueOptions) {
    this.options = options;
    const onError = (error: unknown): void => options.onEvent({ kind: 'error', error });
    this.store = new DiskStore({ ...options, onTrouble: onError });
    this.writer = new DiskWriter({
      ...{ clock: options.clock, store: this.store, fsync: options.fsync, fsyncIntervalMs: options.fsyncIntervalMs },
      onError,
      makeRoom: () => this.options.policy === 'drop-oldest' && this.dropOldestSegment(),
      onWritten: (group, refs, isKept) => this.takeWritten(group, refs, isKept),
    });
    this.reader = new DiskReader({
      ...{ clock: options.clock, store: this.store, onError, onReady: options.onReady },
      hasRoom: () => this.window.bytes <= this.options.memoryMax / 4,
      onRead: (batch, ref) => this.takeRead(batch, ref),
      onLost: (counters, entries) => this.lose(counters, entries, 'disk_damage'),
    });
  }

  async open(): Promise<void> {
    const { output } = this.options;
    const found = await this.store.recover((parts) => {
      for (const { counters, entries } of parts) {
        this.entries += entries;
        const counts = counters.outputs[output];
        if (counts !== undefined) counts.recovered += entries;
      }
    });
    this.options.onEvent({ kind: 'recovered', ...found });
    this.reader.refill();
    this.writer.start();
  }

  get diskBytes(): number {
    return this.store.bytes;
  }

  get length(): number {
    return this.window.length;
  }

  get head(): Batch | undefined {
    return this.window.head;
  }

  get keptUpTo(): number {
    let first = Number.POSITIVE_INFINITY;
    for (const { sequence } of this.unkept) first = Math.min(first, sequence);
    return first - 1;
  }

  push(batch: Batch): void {
    this.bytes += batch.capacityBytes;
    this.entries += batch.entries;
    if (!this.makeRoom(batch)) {
      this.drop(batch);
      return;
    }
    this.unkept.add(batch);
    this.updatePause();
    this.writer.push(batch);
  }

  resize(bounds: BufferBounds): void {
    const { memoryMax, diskMax, policy, liveFirst } = bounds;
    this.options = { ...this.options, memoryMax, diskMax, policy, liveFirst };
    // What is over the new bounds goes when the next batch comes.
    this.updatePause();
    this.reader.refill();
  }

  take(): Batch | undefined {
    const batch = this.window.take();
    this.reader.refill();
    return batch;
  }

  get decodedBytes(): number {
    return this.window.decodedBytes;
  }

  takeNext(after: Batch, fits: (next: Batch) => boolean): Batch | undefined {
    // What a disk holds and what none holds stay apart: at the stop they are treated differently.
    const isUnkept = this.unkept.has(after);
    const next = this.window.takeNext(after, (batch) => this.unkept.has(batch) === isUnkept && fits(batch));
    if (next !== undefined) this.reader.refill();
    return next;
  }

  join(batches: readonly Batch[], joined: Batch): void {
    const refs = batches.flatMap((batch) => this.frames.get(batch) ?? []);
    if (refs.length > 0) this.frames.set(joined, refs);
    if (batches.some((batch) => this.unkept.has(batch))) this.unkept.add(joined);
    this.window.inherit(joined, batches);
    this.bytes += joined.capacityBytes;
    for (const batch of batches) this.forget(batch);
  }

  putBack(batch: Batch): void {
    this.window.putBack(batch);
  }

  replace(batch: Batch, pieces: Batch[]): void {
    const refs = this.frames.get(batch);
    for (const piece of pieces) {
      this.bytes += piece.capacityBytes;
      this.entries += piece.entries;
      if (this.unkept.has(batch)) this.unkept.add(piece);
      if (refs === undefined) continue;
      for (const ref of refs) ref.holders++;
      this.frames.set(piece, refs);
    }
    for (const piece of pieces) this.window.inherit(piece, [batch]);
    for (const piece of pieces.toReversed()) this.putBack(piece);
    this.release(batch);
  }

  release(batch: Batch): void {
    for (const ref of this.frames.get(batch) ?? []) this.store.release(ref);
    this.entries -= batch.entries;
    this.forget(batch);
    this.reader.refill();
    this.options.onReleased();
  }

  async close(): Promise<{ abandoned: number; kept: number }> {
    const { output } = this.options;
    this.closed = true;
    await Promise.all([this.writer.settle(), this.reader.settle()]);
    await this.writer.writeLast(this.unkept);
    let abandoned = 0;
    for (const batch of this.unkept) {
      abandoned += batch.entries;
      dropBatch(batch, { output, reason: 'abandoned' });
    }
    this.entries -= abandoned;
    await this.store.close();
    return { abandoned, kept: this.entries };
  }

  /** By policy; false when the new batch is to go. Under `block` the inputs were stopped in time. */
  private makeRoom(batch: Batch): boolean {
    const { policy, diskMax, memoryMax } = this.options;
    if (policy === 'block') return true;
    if (policy === 'drop-oldest') {
      while (this.diskBytes + batch.bytes.length > diskMax && this.dropOldestSegment());
      while (this.bytes > memoryMax && this.dropOldestUnkept());
    }
    return this.bytes <= memoryMax && this.diskBytes + batch.bytes.length <= diskMax;
  }

  private dropOldestSegment(): boolean {
    const left = this.store.dropOldest();
    for (const [counters, entries] of left ?? []) this.lose(counters, entries, 'buffer_full');
    return left !== undefined;
  }

  /** A disk that does not take anything makes this a memory buffer. */
  private dropOldestUnkept(): boolean {
    const oldest = this.window.takeOldest((batch) => this.unkept.has(batch)) ?? this.writer.takeBack();
    if (oldest === undefined) return false;
    this.drop(oldest);
    return true;
  }

  private drop(batch: Batch): void {
    dropBatch(batch, { output: this.options.output, reason: 'buffer_full' });
    this.entries -= batch.entries;
    this.forget(batch);
  }

  private lose(counters: AppCounters, entries: number, reason: string): void {
    const counts = counters.outputs[this.options.output];
    if (counts !== undefined) addCount(counts.dropped, reason, entries);
    this.entries -= entries;
  }

  /** Frees a batch's memory. */
  private forget(batch: Batch): void {
    this.unkept.delete(batch);
    this.frames.delete(batch);
    this.bytes -= batch.capacityBytes;
    giveBack(batch, this.options.pool);
    this.updatePause();
  }

  private takeWritten(group: readonly Batch[], refs: ReadonlyMap<Batch, FrameRef>, isKept: boolean): void {
    for (const [batch, ref] of refs) {
      this.frames.set(batch, [ref]);
      if (isKept) this.unkept.delete(batch);
    }
    for (const batch of group) this.admit(batch);
    this.options.onReleased();
    this.options.onReady();
  }

  /** A batch goes into the window, or its memory is freed and it waits on disk alone. */
  private admit(batch: Batch): void {
    const [ref] = this.frames.get(batch) ?? [];
    if (this.closed) return;
    const { memoryMax, liveFirst } = this.options;
    const isNext = this.store.spilledFrames === 0;
    const isLive = !isNext && liveFirst;
    const hasRoom = this.window.bytes + batch.capacityBytes <= memoryMax * (isLive ? 0.75 : 0.5);
    if (ref === undefined || this.unkept.has(batch) || (hasRoom && (isNext || isLive))) {
      if (isLive) this.window.letOvertake(batch);
      this.window.add(batch);
      return;
    }
    this.store.spill(ref, batch.parts);
    this.forget(batch);
    this.reader.refill();
  }

  private takeRead(batch: Batch, ref: FrameRef): void {
    this.frames.set(batch, [ref]);
    this.bytes += batch.capacityBytes;
    this.window.add(batch);
  }

  private updatePause(): void {
    const { policy, memoryMax, diskMax, onPause } = this.options;
    const share = pauseShare(this.paused);
    const isFull = policy === 'block' && (this.bytes > memoryMax * share || this.diskBytes > diskMax * share);
    if (isFull === this.paused) return;
    this.paused = isFull;
    onPause(isFull);
  }
}
