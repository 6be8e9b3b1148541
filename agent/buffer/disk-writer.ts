// Writes batches to the segments of a disk buffer, in groups: one fsync serves all that came while the one before was under
// way. A disk that has just refused is left alone for a moment; what it did not take is told, and stays in memory.

import type { Batch } from '../model.ts';
import type { Clock, Timer } from '../ports.ts';
import { type DiskStore, type FrameRef, type FsyncPolicy, RETRY_MS } from './disk-store.ts';

/** What the writer works with. */
export interface DiskWriterOptions {
  clock: Clock;
  store: DiskStore;
  fsync: FsyncPolicy;
  fsyncIntervalMs: number;
  onError(error: unknown): void;
  /** The disk is full: makes room on it, if the policy has it so. */
  makeRoom(): boolean;
  /** A group is done: where each batch lies, if it was written, and whether acks may rest on it. */
  onWritten(group: readonly Batch[], refs: ReadonlyMap<Batch, FrameRef>, isKept: boolean): void;
}

/** See the file's comment. */
export class DiskWriter {
  private readonly options: DiskWriterOptions;
  private readonly pending: Batch[] = [];
  private writing: Promise<void> | undefined;
  private notBeforeMs = Number.NEGATIVE_INFINITY;
  private syncTimer: Timer | undefined;
  private closed = false;

  constructor(options: DiskWriterOptions) {
    this.options = options;
  }

  /** Syncs now and then from here on, where that is the policy. */
  start(): void {
    if (this.options.fsync === 'interval') this.syncLater();
  }

  /** Takes a batch to write. */
  push(batch: Batch): void {
    this.pending.push(batch);
    this.writing ??= this.writePending().finally(() => {
      this.writing = undefined;
    });
  }

  /** Takes the oldest batch back that is not under way yet. */
  takeBack(): Batch | undefined {
    return this.pending.shift();
  }

  /** Resolves when nothing is under way any more. */
  async settle(): Promise<void> {
    this.closed = true;
    this.syncTimer?.cancel();
    await this.writing;
  }

  /** The last chance of batches that could not be written before. */
  async writeLast(batches: Iterable<Batch>): Promise<void> {
    this.notBeforeMs = Number.NEGATIVE_INFINITY;
    this.pending.push(...batches);
    await this.writePending();
    if (this.options.fsync !== 'never') await this.sync();
  }

  private async writePending(): Promise<void> {
    while (this.pending.length > 0) {
      const group = this.pending.splice(0);
      const refs = new Map<Batch, FrameRef>();
      for (const batch of group) {
        const ref = await this.write(batch);
        if (ref !== undefined) refs.set(batch, ref);
      }
      const isKept = this.options.fsync !== 'batch' || (await this.sync());
      this.options.onWritten(group, refs, isKept);
    }
  }

  private async write(batch: Batch): Promise<FrameRef | undefined> {
    const { clock, store, onError, makeRoom } = this.options;
    if (clock.nowMs() < this.notBeforeMs) return undefined;
    const sinceWallMs = clock.wallMs() - (clock.nowMs() - batch.sinceMs);
    for (;;) {
      try {
        return await store.append(batch, sinceWallMs);
      } catch (error) {
        onError(error);
        const isFull = (error as { code?: string }).code === 'ENOSPC';
        if (!isFull || !makeRoom()) break;
        await store.settle();
      }
    }
    this.notBeforeMs = clock.nowMs() + RETRY_MS;
    return undefined;
  }

  private async sync(): Promise<boolean> {
    try {
      await this.options.store.sync();
      return true;
    } catch (error) {
      // What the kernel could not write may be gone from its cache too: none of the group counts as kept.
      this.options.onError(error);
      return false;
    }
  }

  private syncLater(): void {
    const { clock, fsyncIntervalMs } = this.options;
    this.syncTimer = clock.setTimer(() => {
      void this.sync().then(() => {
        if (!this.closed) this.syncLater();
      });
    }, fsyncIntervalMs);
  }
}
