// Sealed batches in memory, oldest first, within a ceiling. What does not fit goes by policy, counted by app:
//
//   drop-oldest   the oldest waiting batch makes room: the host is safe, and what is newest is kept
//   drop-newest   the new batch is not taken
//   block         the inputs stop reading before it comes to that; the apps behind them will feel it

import type { Batch } from '../model.ts';
import type { BufferPool } from './pool.ts';
import {
  type BatchQueue,
  type BufferBounds,
  type BufferPolicy,
  decodedBytesOf,
  dropBatch,
  giveBack,
  insertBack,
  pauseShare,
} from './queue.ts';

/** Settings of the queue. */
export interface MemoryQueueOptions {
  bytesMax: number;
  policy: BufferPolicy;
  pool: BufferPool;
  /** Number of the output that the queue stands before. */
  output: number;
  /** Called with `true` when inputs are to pause, with `false` when they may go on. Policy `block` only. */
  onPause(paused: boolean): void;
  /** A batch has found its end. */
  onReleased(): void;
}

/** See the file's comment. Batches in flight are still in `bytes`, but cannot be dropped. */
export class MemoryQueue implements BatchQueue {
  bytes = 0;
  entries = 0;
  readonly diskBytes = 0;
  readonly keptUpTo = undefined;
  private readonly waiting: Batch[] = [];
  private options: MemoryQueueOptions;
  private paused = false;

  constructor(options: MemoryQueueOptions) {
    this.options = options;
  }

  async open(): Promise<void> {}

  get length(): number {
    return this.waiting.length;
  }

  get head(): Batch | undefined {
    return this.waiting[0];
  }

  push(batch: Batch): void {
    const { bytesMax, policy } = this.options;
    if (policy === 'drop-oldest') this.dropOldest(bytesMax - batch.capacityBytes);
    this.bytes += batch.capacityBytes;
    this.entries += batch.entries;
    if (policy !== 'block' && this.bytes > bytesMax) {
      dropBatch(batch, { output: this.options.output, reason: 'buffer_full' });
      this.release(batch);
      return;
    }
    this.waiting.push(batch);
    this.updatePause();
  }

  resize({ memoryMax, policy }: BufferBounds): void {
    this.options = { ...this.options, bytesMax: memoryMax, policy };
    if (policy === 'drop-oldest') this.dropOldest(memoryMax);
    this.updatePause();
  }

  take(): Batch | undefined {
    return this.waiting.shift();
  }

  get decodedBytes(): number {
    return decodedBytesOf(this.waiting);
  }

  takeNext(_after: Batch, fits: (next: Batch) => boolean): Batch | undefined {
    const { head } = this;
    return head !== undefined && fits(head) ? this.waiting.shift() : undefined;
  }

  join(batches: readonly Batch[], joined: Batch): void {
    this.bytes += joined.capacityBytes;
    this.entries += joined.entries;
    for (const batch of batches) this.release(batch);
  }

  putBack(batch: Batch): void {
    insertBack(this.waiting, batch);
  }

  replace(batch: Batch, pieces: Batch[]): void {
    for (const piece of pieces) {
      this.bytes += piece.capacityBytes;
      this.entries += piece.entries;
    }
    for (const piece of pieces.toReversed()) this.putBack(piece);
    this.release(batch);
  }

  release(batch: Batch): void {
    this.bytes -= batch.capacityBytes;
    this.entries -= batch.entries;
    giveBack(batch, this.options.pool);
    this.updatePause();
    this.options.onReleased();
  }

  async close(): Promise<{ abandoned: number; kept: number }> {
    const abandoned = this.entries;
    for (let batch = this.take(); batch !== undefined; batch = this.take()) {
      dropBatch(batch, { output: this.options.output, reason: 'abandoned' });
      this.release(batch);
    }
    return { abandoned, kept: 0 };
  }

  /** The oldest go until `bytes` are not exceeded, or only what is in flight is left. */
  private dropOldest(bytes: number): void {
    while (this.bytes > bytes && this.waiting.length > 0) {
      const oldest = this.waiting.shift() as Batch;
      dropBatch(oldest, { output: this.options.output, reason: 'buffer_full' });
      this.release(oldest);
    }
  }

  private updatePause(): void {
    const { policy, bytesMax } = this.options;
    const isFull = policy === 'block' && this.bytes > bytesMax * pauseShare(this.paused);
    if (isFull === this.paused) return;
    this.paused = !this.paused;
    this.options.onPause(this.paused);
  }
}
