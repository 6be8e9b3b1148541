// The entries of one stream in columns: times, and where each line lies in the bytes of the push that brought it.
// Nothing is copied and no object is kept per line, so that a million lines cost some 30 MB beside their own bytes.

import { type Metadata, NO_METADATA } from './push-request.ts';

/** Append-only columns. Entries are numbered in order of arrival; `ordered` gives them in order of time. */
export interface EntryColumns {
  readonly count: number;
  append(tsNs: bigint, line: Buffer, metadata: Metadata): void;
  time(index: number): bigint;
  /** A view of the line's bytes. */
  line(index: number): Buffer;
  lineBytes(index: number): number;
  metadata(index: number): Metadata;
  /** The entry at `rank` in order of time (arrival, where times are equal). */
  ordered(rank: number): number;
  /** First rank whose time is `tsNs` or later. */
  rankOf(tsNs: bigint): number;
}

/** Empty columns. */
export function createEntryColumns(): EntryColumns {
  let capacity = 64;
  let count = 0;
  let times = new BigInt64Array(capacity);
  let starts = new Uint32Array(capacity);
  let lengths = new Uint32Array(capacity);
  const blocks: ArrayBufferLike[] = [];
  const metadatas = new Map<number, Metadata>();
  // null while entries arrived in order of time.
  let order: Uint32Array | null = null;
  let inOrder = true;

  const grow = (): void => {
    capacity *= 2;
    times = resize(new BigInt64Array(capacity), times);
    starts = resize(new Uint32Array(capacity), starts);
    lengths = resize(new Uint32Array(capacity), lengths);
  };
  const ordered = (rank: number): number => {
    if (inOrder) return rank;
    order ??= sortByTime(times, count);
    return order[rank]!;
  };

  return {
    get count() {
      return count;
    },
    append(tsNs, line, metadata) {
      if (count === capacity) grow();
      if (count > 0 && tsNs < times[count - 1]!) inOrder = false;
      order = null;
      times[count] = tsNs;
      starts[count] = line.byteOffset;
      lengths[count] = line.length;
      blocks.push(line.buffer);
      if (metadata.length > 0) metadatas.set(count, metadata);
      count++;
    },
    time: (index) => times[index]!,
    line: (index) => Buffer.from(blocks[index] as ArrayBuffer, starts[index]!, lengths[index]!),
    lineBytes: (index) => lengths[index]!,
    metadata: (index) => metadatas.get(index) ?? NO_METADATA,
    ordered,
    rankOf(tsNs) {
      let low = 0;
      let high = count;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if (times[ordered(middle)]! < tsNs) low = middle + 1;
        else high = middle;
      }
      return low;
    },
  };
}

function resize<T extends BigInt64Array | Uint32Array>(target: T, source: T): T {
  (target as Uint32Array).set(source as Uint32Array);
  return target;
}

function sortByTime(times: BigInt64Array, count: number): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, index) => index);
  return order.sort((a, b) => (times[a]! < times[b]! ? -1 : times[a]! > times[b]! ? 1 : a - b));
}
