// Puts small batches together before they are pushed. A batch that was sealed early, because a sender waits for its ack, is on
// disk when the ack goes out; its push may wait for company as long as any batch may. After an outage many small ones wait,
// and each push of its own would cost the sink as much as a full one.

import type { Batch } from '../model.ts';
import { mergeBatches } from './merge-batches.ts';

/** The queue, as gathering sees it. */
export interface GatherQueue {
  readonly head: Batch | undefined;
  /** Bytes before compression of all that waits. */
  readonly decodedBytes: number;
  takeNext(after: Batch, fits: (next: Batch) => boolean): Batch | undefined;
  join(batches: readonly Batch[], joined: Batch): void;
}

/** Bounds of one push, see `batch` in the config. */
export interface PushBounds {
  decodedMax: number;
  encodedMax: number;
  entriesMax: number;
  ageMaxMs: number;
}

/** How long the next batch still waits for company, in milliseconds; not above 0 if it does not. */
export function companyMs(queue: GatherQueue, bounds: PushBounds, nowMs: number): number {
  const { head } = queue;
  if (head?.early !== true) return 0;
  const leftMs = head.sinceMs + bounds.ageMaxMs - nowMs;
  return leftMs > 0 && queue.decodedBytes < bounds.decodedMax ? leftMs : 0;
}

/** The batch with those behind it that fit into one push; `onJoined` is told before the queue is. */
export function gather(first: Batch, queue: GatherQueue, bounds: PushBounds, onJoined: (joined: Batch) => void): Batch {
  // What was pushed before stays as it is: a receiver may know it again.
  if (first.attempts > 0 || first.alone === true) return first;
  const sum = { decoded: first.decodedBytes, encoded: first.bytes.length, entries: first.entries };
  const fits = (next: Batch): boolean =>
    next.attempts === 0 &&
    next.alone !== true &&
    sum.decoded + next.decodedBytes <= bounds.decodedMax &&
    sum.encoded + next.bytes.length <= bounds.encodedMax &&
    sum.entries + next.entries <= bounds.entriesMax;
  const group: [Batch, ...Batch[]] = [first];
  for (let next = queue.takeNext(first, fits); next !== undefined; next = queue.takeNext(first, fits)) {
    group.push(next);
    sum.decoded += next.decodedBytes;
    sum.encoded += next.bytes.length;
    sum.entries += next.entries;
  }
  if (group.length === 1) return first;
  const joined = mergeBatches(group);
  onJoined(joined);
  queue.join(group, joined);
  return joined;
}
