// The segments of one disk buffer: appends frames, reads back those that are on disk only, drops the oldest segment,
// removes what is over. It knows nothing of windows and policies; disk-queue.ts does.

import { strict as assert } from 'node:assert';
import type { AppCounters, Batch, BatchPart } from '../model.ts';
import type { Files } from '../ports.ts';
import { encodeFrame, type Frame, type FrameHead, readFrames } from './disk-frame.ts';
import { addSpilled, Segment } from './disk-segment.ts';

/** `batch`: an ack waits for fsync; `interval`: fsync now and then; `never`: the system decides. */
export type FsyncPolicy = 'batch' | 'interval' | 'never';

/** Settings of the store. */
export interface DiskStoreOptions {
  files: Files;
  folder: string;
  segmentMax: number;
  fsync: FsyncPolicy;
  counters: { ofApp(app: string): AppCounters };
  /** Work in the background has failed: lists of done frames, removals. */
  onTrouble(error: unknown): void;
}

/** Where a frame lies; `holders` counts the batches that were made of it. */
export interface FrameRef {
  segment: Segment;
  offset: number;
  holders: number;
}

/** What was found at the start. */
export interface Recovered {
  frames: number;
  /** Segments with damage in their middle; they are set aside when they are over. */
  corruptSegments: number;
  /** Segments whose end was cut short by the end of a process. */
  tornSegments: number;
}

/** A disk that has just refused is left alone for so long. */
export const RETRY_MS = 1000;

const READ_BYTES = 1_048_576;
/** Damaged segments that are kept aside. */
const CORRUPT_KEPT = 4;
const NAME = /^(\d{12})\.laf$/;

/** See the file's comment. */
export class DiskStore {
  /** Bytes of all segments. */
  bytes = 0;
  /** Frames that are on disk only. */
  spilledFrames = 0;
  private readonly options: DiskStoreOptions;
  private readonly segments: Segment[] = [];
  private active: Segment | undefined;
  private nextId = 1;
  private unlock: (() => Promise<void>) | undefined;
  private syncFailed: unknown;
  private background: Promise<unknown> = Promise.resolve();

  constructor(options: DiskStoreOptions) {
    this.options = options;
  }

  /** Walks over what an earlier process has left; `onFrame` is told of each frame that is not done. */
  async recover(onFrame: (parts: BatchPart[]) => void): Promise<Recovered> {
    const { files, folder } = this.options;
    await files.makeFolder(folder);
    this.unlock = await files.lock(folder);
    const names = await files.list(folder);
    const ids = names.flatMap((name) => NAME.exec(name)?.[1] ?? []).map(Number);
    for (const name of leftovers(names)) await files.remove(`${folder}/${name}`);
    const found = { frames: 0, corruptSegments: 0, tornSegments: 0 };
    for (const id of ids) {
      const segment = new Segment(files, folder, id);
      const { damagedBytes, endsDamaged } = await segment.recover((frame) => {
        const parts = this.partsOf(frame.head);
        addSpilled(segment, frame.offset, parts);
        found.frames++;
        onFrame(parts);
      });
      segment.damaged = damagedBytes > 0 && !endsDamaged;
      if (segment.damaged) found.corruptSegments++;
      else if (damagedBytes > 0) found.tornSegments++;
      this.segments.push(segment);
      this.bytes += segment.size;
      this.spilledFrames += segment.spilled.length;
      this.nextId = id + 1;
    }
    for (const segment of [...this.segments]) this.removeIfOver(segment);
    return found;
  }

  /** Writes a batch behind all others. Rejects with the system's error; then nothing of it counts as written. */
  async append(batch: Batch, sinceWallMs: number): Promise<FrameRef> {
    const { sequence, decodedBytes, entries } = batch;
    const parts = batch.parts.map(({ labels, counters, entries: n }): FrameHead['parts'][0] => [
      labels,
      counters.app,
      n,
    ]);
    const frame = encodeFrame({ sequence, decodedBytes, entries, sinceWallMs, parts }, batch.bytes);
    try {
      const segment = await this.activeFor(frame.length);
      const offset = segment.size;
      assert(segment.file !== undefined, 'the active segment is open');
      await segment.file.write(frame, offset);
      segment.size += frame.length;
      segment.frames++;
      this.bytes += frame.length;
      return { segment, offset, holders: 1 };
    } catch (error) {
      // Anything may lie behind the last whole frame now: nothing is appended to it.
      this.retire();
      throw error;
    }
  }

  /** Resolves when all that was appended since the last call is on the medium. */
  async sync(): Promise<void> {
    const failed = this.syncFailed;
    this.syncFailed = undefined;
    await this.active?.file?.sync();
    if (failed !== undefined) throw failed;
  }

  /** Notes that a frame waits on disk alone. */
  spill(ref: FrameRef, parts: readonly BatchPart[]): void {
    addSpilled(ref.segment, ref.offset, parts);
    this.spilledFrames++;
  }

  /** Reads the next frames that are on disk only. Entries that turn out to be unreadable are told to `onLost`. */
  async readNext(
    onLost: (counters: AppCounters, entries: number) => void,
  ): Promise<{ frame: Frame; ref: FrameRef; parts: BatchPart[] }[]> {
    const segment = this.segments.find(({ spilled }) => spilled.length > 0);
    if (segment === undefined) return [];
    const from = segment.spilled[0] as number;
    const file = await segment.openToRead();
    const { frames, next } = await readFrames(file, { from, to: segment.size }, READ_BYTES);
    const wanted = new Set<number>();
    while (segment.spilled.length > 0 && (segment.spilled[0] as number) < next) {
      wanted.add(segment.spilled.shift() as number);
      this.spilledFrames--;
    }
    const read = frames.filter(({ offset }) => wanted.has(offset));
    for (const frame of read) wanted.delete(frame.offset);
    // The rest was whole when it was written, or when this process started.
    for (const offset of wanted) this.inBackground(segment.markDone(offset));
    if (wanted.size > 0) segment.damaged = true;
    const found = read.map((frame) => ({
      frame,
      ref: { segment, offset: frame.offset, holders: 1 },
      parts: this.partsOf(frame.head),
    }));
    for (const { parts } of found)
      for (const { counters, entries } of parts)
        segment.left.set(counters, (segment.left.get(counters) ?? 0) - entries);
    if (segment.spilled.length === 0) {
      for (const [counters, entries] of segment.left) if (entries > 0) onLost(counters, entries);
      segment.left.clear();
      this.removeIfOver(segment);
    }
    return found;
  }

  /** A batch made of the frame has found its end. */
  release(ref: FrameRef): void {
    if (--ref.holders > 0) return;
    this.inBackground(ref.segment.markDone(ref.offset));
    this.removeIfOver(ref.segment);
  }

  /** Removes the oldest segment that has frames on disk only; returns their entries by app, `undefined` if there is none. */
  dropOldest(): Map<AppCounters, number> | undefined {
    const oldest = this.segments.find(({ spilled }) => spilled.length > 0);
    if (oldest === undefined) return undefined;
    const left = new Map(oldest.left);
    this.spilledFrames -= oldest.spilled.length;
    oldest.spilled.length = 0;
    oldest.left.clear();
    if (oldest === this.active) this.active = undefined;
    oldest.active = false;
    this.remove(oldest);
    return left;
  }

  /** Resolves when nothing is under way in the background. */
  async settle(): Promise<void> {
    for (let seen: unknown; seen !== this.background; ) {
      seen = this.background;
      await this.background;
    }
  }

  /** Closes all files; an active segment that is over is removed. */
  async close(): Promise<void> {
    this.retire();
    await this.settle();
    await Promise.allSettled(this.segments.map((segment) => segment.close()));
    await this.unlock?.().catch((error) => this.options.onTrouble(error));
    this.unlock = undefined;
  }

  private async activeFor(bytes: number): Promise<Segment> {
    const { files, folder, segmentMax, fsync } = this.options;
    if (this.active !== undefined && this.active.size > 0 && this.active.size + bytes > segmentMax) {
      if (fsync !== 'never') await this.syncBeforeRetiring(this.active);
      this.retire();
    }
    if (this.active === undefined) {
      const segment = new Segment(files, folder, this.nextId++);
      segment.file = await files.open(segment.path, 'create');
      segment.active = true;
      this.active = segment;
      this.segments.push(segment);
      if (fsync !== 'never') await files.syncFolder(folder);
    }
    return this.active;
  }

  private async syncBeforeRetiring(segment: Segment): Promise<void> {
    try {
      await segment.file?.sync();
    } catch (error) {
      // The batch that opens the next segment is not concerned; those before it learn of it by the next `sync`.
      this.syncFailed = error;
    }
  }

  private retire(): void {
    const segment = this.active;
    if (segment === undefined) return;
    this.active = undefined;
    segment.active = false;
    this.removeIfOver(segment);
  }

  private removeIfOver(segment: Segment): void {
    if (segment.isOver && segment.spilled.length === 0) this.remove(segment);
  }

  private remove(segment: Segment): void {
    const index = this.segments.indexOf(segment);
    if (index < 0) return;
    this.segments.splice(index, 1);
    this.bytes -= segment.size;
    this.inBackground(segment.dispose());
  }

  private inBackground(work: Promise<unknown>): void {
    this.background = Promise.allSettled([this.background, work.catch((error) => this.options.onTrouble(error))]);
  }

  private partsOf(head: FrameHead): BatchPart[] {
    return head.parts.map(([labels, app, entries]) => ({
      labels,
      counters: this.options.counters.ofApp(app),
      entries,
    }));
  }
}

/** Lists of segments that are gone, and all but the newest damaged segments: these are kept to be looked at, within bounds. */
function leftovers(names: readonly string[]): string[] {
  const corrupt = names.filter((name) => name.endsWith('.corrupt'));
  const orphans = names.filter((name) => name.endsWith('.done') && !names.includes(name.replace(/done$/, 'laf')));
  return [...corrupt.slice(0, -CORRUPT_KEPT), ...orphans];
}
