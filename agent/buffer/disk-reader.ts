// Reads batches back that wait on disk alone, some at a time, while there is room for them in memory.

import type { AppCounters, Batch } from '../model.ts';
import type { Clock } from '../ports.ts';
import { type DiskStore, type FrameRef, RETRY_MS } from './disk-store.ts';

/** What the reader works with. */
export interface DiskReaderOptions {
  clock: Clock;
  store: DiskStore;
  /** More may be read. */
  hasRoom(): boolean;
  /** A batch is in memory again. */
  onRead(batch: Batch, ref: FrameRef): void;
  /** All of one read is handed over. */
  onReady(): void;
  /** Entries turned out to be unreadable. */
  onLost(counters: AppCounters, entries: number): void;
  onError(error: unknown): void;
}

/** Numbers of batches of earlier processes: below all of this one. */
const RECOVERED_FIRST = -(2 ** 50);

/** See the file's comment. */
export class DiskReader {
  private readonly options: DiskReaderOptions;
  private recoveredNext = RECOVERED_FIRST;
  private reading: Promise<void> | undefined;
  private closed = false;

  constructor(options: DiskReaderOptions) {
    this.options = options;
  }

  /** Reads on if there is something to read, and room; call it when there may be. */
  refill(): void {
    const { store, hasRoom } = this.options;
    if (this.closed || this.reading !== undefined || store.spilledFrames === 0 || !hasRoom()) return;
    this.reading = this.readNext().finally(() => {
      this.reading = undefined;
    });
  }

  /** Nothing more is read; resolves when nothing is under way any more. */
  async settle(): Promise<void> {
    this.closed = true;
    await this.reading;
  }

  private async readNext(): Promise<void> {
    const { clock, store, onRead, onReady, onLost, onError } = this.options;
    try {
      const found = await store.readNext(onLost);
      for (const { frame, ref, parts } of found) {
        const { head, body } = frame;
        const ageMs = Math.max(0, clock.wallMs() - head.sinceWallMs);
        const batch: Batch = {
          sequence: ref.segment.recovered ? this.recoveredNext++ : head.sequence,
          bytes: body,
          capacityBytes: body.length,
          ...{ decodedBytes: head.decodedBytes, entries: head.entries, parts },
          sinceMs: clock.nowMs() - ageMs,
          // Held twice for ever: its memory is part of what was read, and must not go to the pool.
          ...{ attempts: 0, throttled: 0, share: { holders: 2 } },
        };
        onRead(batch, ref);
      }
      onReady();
      clock.setTimer(() => this.refill(), 0);
    } catch (error) {
      onError(error);
      clock.setTimer(() => this.refill(), RETRY_MS);
    }
  }
}
