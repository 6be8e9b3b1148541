// What the buffer of one output offers to its lane and its delivery, whether it keeps batches in memory or on disk.

import type { Batch } from '../model.ts';
import { addCount } from '../observe/counters.ts';
import type { BufferPool } from './pool.ts';

/** What happens when the buffer is full. */
export type BufferPolicy = 'block' | 'drop-oldest' | 'drop-newest';

/** What may change while it runs. */
export interface BufferBounds {
  memoryMax: number;
  diskMax: number;
  policy: BufferPolicy;
  liveFirst: boolean;
}

/** See the file's comment. */
export interface BatchQueue {
  /** Memory held by waiting and flying batches. */
  readonly bytes: number;
  /** Bytes on disk. */
  readonly diskBytes: number;
  /** Entries that have not found their end. */
  readonly entries: number;
  /** Batches that can be taken now. */
  readonly length: number;
  /** The next of them. */
  readonly head: Batch | undefined;
  /** Bytes before compression of the batches that can be taken now. */
  readonly decodedBytes: number;
  /** All batches up to this number survive a kill or have found their end; `undefined` where nothing survives. */
  readonly keptUpTo: number | undefined;
  /** Goes on with other bounds; what is over them goes by the policy, as if it had come now. */
  resize(bounds: BufferBounds): void;
  /** Takes in what an earlier process has left. */
  open(): Promise<void>;
  /** Adds a new batch; the policy decides if there is no room for it. */
  push(batch: Batch): void;
  /** Takes the next batch for delivery; it must come back by `putBack`, `replace` or `release`. */
  take(): Batch | undefined;
  /** Takes the batch that follows a taken one, if it fits. */
  takeNext(after: Batch, fits: (next: Batch) => boolean): Batch | undefined;
  /** Puts one batch in place of taken ones, whose entries it holds; it is taken as they were. */
  join(batches: readonly Batch[], joined: Batch): void;
  /** Puts a batch back to its place after a push without success. */
  putBack(batch: Batch): void;
  /** Puts the pieces of a taken batch in its place. */
  replace(batch: Batch, pieces: Batch[]): void;
  /** Forgets a taken batch and frees what it holds. */
  release(batch: Batch): void;
  /** Ends it. What cannot be kept is counted as abandoned; resolves with the entries abandoned and kept. */
  close(): Promise<{ abandoned: number; kept: number }>;
}

/** Counts all entries of a batch as dropped at an output. */
export function dropBatch(batch: Batch, why: { output: number; reason: string }): void {
  for (const part of batch.parts) {
    const counts = part.counters.outputs[why.output];
    if (counts !== undefined) addCount(counts.dropped, why.reason, part.entries);
  }
}

/** Puts a new batch where its number belongs: nearly always at the end. Of pieces with one number, the last is the newest. */
export function insertNew(batches: Batch[], batch: Batch): void {
  let index = batches.length;
  while (index > 0 && (batches[index - 1] as Batch).sequence > batch.sequence) index--;
  batches.splice(index, 0, batch);
}

/** Puts a taken batch back where its number belongs: before other pieces with that number, since it was taken before them. */
export function insertBack(batches: Batch[], batch: Batch): void {
  let index = 0;
  while (index < batches.length && (batches[index] as Batch).sequence < batch.sequence) index++;
  batches.splice(index, 0, batch);
}

/** Bytes before compression of all of them. */
export function decodedBytesOf(batches: readonly Batch[]): number {
  return batches.reduce((sum, batch) => sum + batch.decodedBytes, 0);
}

/** Gives a batch's memory back, once nobody holds it any more. */
export function giveBack(batch: Batch, pool: BufferPool): void {
  if (batch.share === undefined || --batch.share.holders === 0) pool.give(batch.bytes);
}

/** Inputs stop at this share of a bound, since what was read already must still fit; paused ones go on below a lower one. */
export function pauseShare(isPaused: boolean): number {
  return isPaused ? 0.75 : 0.875;
}
