// The daemon's in-memory pipe between its copy loop and the line copier, by its numbers: slices of 64 bytes that
// double up to 1e6. A write that finds the last slice full blocks while 1e6 bytes or more are buffered, and only
// then adds the next slice. So from empty it first blocks at 1,048,512 bytes (64 + 128 + … + 524,288), and after a
// small drain the next slice lets almost another 1e6 in.

const FIRST_SLICE_BYTES = 64;
const SLICE_MAX_BYTES = 1_000_000;
const BLOCK_AT_BYTES = 1_000_000;

/** Counts of one pipe; the bytes themselves stay in the stream's store. */
export interface BytePipe {
  /** Bytes buffered. */
  readonly length: number;
  /** Writes up to `count` bytes; returns how many were taken. Fewer: the writer blocks with the rest in hand. */
  write(count: number): number;
  /** Reads up to `max` bytes; returns how many. */
  read(max: number): number;
  /** Forgets everything, as a restarted daemon does. */
  clear(): void;
}

interface Slice {
  capacity: number;
  written: number;
  read: number;
}

/** An empty pipe. */
export function createBytePipe(): BytePipe {
  const slices: Slice[] = [];
  let length = 0;
  /** Capacity of the slice at which the writer blocked; 0 when it does not. */
  let blockedBehind = 0;

  const addSlice = (capacity: number): Slice => {
    const slice = { capacity: Math.min(capacity, SLICE_MAX_BYTES), written: 0, read: 0 };
    slices.push(slice);
    return slice;
  };

  const write = (count: number): number => {
    if (count === 0) return 0;
    let left = count;
    if (blockedBehind > 0) {
      if (length >= BLOCK_AT_BYTES) return 0;
      // The blocked writer remembers its full slice even when readers have emptied and dropped it meanwhile.
      addSlice(blockedBehind * 2);
      blockedBehind = 0;
    }
    for (;;) {
      const last = slices.at(-1) ?? addSlice(FIRST_SLICE_BYTES);
      const taken = Math.min(left, last.capacity - last.written);
      last.written += taken;
      length += taken;
      left -= taken;
      if (left === 0) return count;
      if (length >= BLOCK_AT_BYTES) {
        blockedBehind = last.capacity;
        return count - left;
      }
      addSlice(last.capacity * 2);
    }
  };

  const read = (max: number): number => {
    let total = 0;
    while (length > 0 && total < max) {
      const first = slices[0]!;
      const taken = Math.min(first.written - first.read, max - total);
      first.read += taken;
      total += taken;
      length -= taken;
      // An emptied slice is dropped even when it was not full: an emptied pipe starts at 64 bytes again.
      if (first.read === first.written) slices.shift();
    }
    return total;
  };

  return {
    get length() {
      return length;
    },
    write,
    read,
    clear() {
      slices.length = 0;
      length = 0;
      blockedBehind = 0;
    },
  };
}
