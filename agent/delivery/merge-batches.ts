// One push made of several small batches, without unpacking them: a push request is a list of streams, and snappy's elements
// only ever look back within their own block, so that both may be put one behind the other.
//
//   │length│elements a│ + │length│elements b│  ─►  │sum of lengths│elements a│elements b│

import { readVarint, varintSize } from '../codec/protobuf.ts';
import { writePreamble } from '../codec/snappy-compress.ts';
import type { Batch } from '../model.ts';

/** Several batches as one, in their order. It takes the place of the first, and has its age. */
export function mergeBatches(batches: readonly [Batch, ...Batch[]]): Batch {
  const decodedBytes = sum(batches, (batch) => batch.decodedBytes);
  const blocks = batches.map(({ bytes }) => bytes.subarray(readVarint(bytes, 0).next));
  const bytes = new Uint8Array(varintSize(decodedBytes) + blocks.reduce((size, block) => size + block.length, 0));
  let at = writePreamble(bytes, 0, decodedBytes);
  for (const block of blocks) {
    bytes.set(block, at);
    at += block.length;
  }
  const lineMaxes = batches.map(({ lineMax }) => lineMax);
  const [first] = batches;
  return {
    ...{ sequence: first.sequence, sinceMs: first.sinceMs, attempts: 0, throttled: 0 },
    ...{ bytes, capacityBytes: bytes.length, decodedBytes },
    entries: sum(batches, (batch) => batch.entries),
    lineMax: lineMaxes.reduce((most, one) =>
      most === undefined || one === undefined ? undefined : Math.max(most, one),
    ),
    parts: batches.flatMap(({ parts }) => parts),
  };
}

function sum(batches: readonly Batch[], of: (batch: Batch) => number): number {
  return batches.reduce((all, batch) => all + of(batch), 0);
}
