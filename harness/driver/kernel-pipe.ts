// A Linux pipe by its numbers: 16 slots of one 4 KiB page each. A write first tries to put its odd part (length
// modulo 4096) into the last page, whole or not at all; the rest takes fresh pages. So small writes leave pages
// partly empty: 100-byte writes fill it at 64,000 bytes, mixed ones much earlier (46,400 was measured).

const PAGE_BYTES = 4_096;
const SLOTS = 16;

/** Counts of one pipe; the bytes themselves stay in the stream's store. */
export interface KernelPipe {
  readonly length: number;
  /** One write(2) of `count` bytes, or its continuation after it blocked; returns how many were taken. */
  write(count: number): number;
  /** One read(2) of up to `max` bytes; returns how many. */
  read(max: number): number;
}

interface Page {
  /** Where the unread bytes begin; a page read in part does not get that room back. */
  offset: number;
  length: number;
}

/** An empty pipe. */
export function createKernelPipe(): KernelPipe {
  const pages: Page[] = [];
  let length = 0;
  let blocked = false;

  const write = (count: number): number => {
    // A writer that was turned away sleeps until a slot is free; only a fresh write tries to merge into a full pipe.
    if (count === 0 || (blocked && pages.length === SLOTS)) return 0;
    let taken = 0;
    const odd = count & (PAGE_BYTES - 1);
    const last = pages.at(-1);
    if (odd > 0 && last && last.offset + last.length + odd <= PAGE_BYTES) {
      last.length += odd;
      taken = odd;
    }
    for (; taken < count && pages.length < SLOTS; taken += pages.at(-1)!.length) {
      pages.push({ offset: 0, length: Math.min(PAGE_BYTES, count - taken) });
    }
    length += taken;
    blocked = taken < count;
    return taken;
  };

  const read = (max: number): number => {
    let total = 0;
    while (pages.length > 0 && total < max) {
      const page = pages[0]!;
      const taken = Math.min(page.length, max - total);
      page.offset += taken;
      page.length -= taken;
      total += taken;
      if (page.length === 0) pages.shift();
    }
    length -= total;
    return total;
  };

  return {
    get length() {
      return length;
    },
    write,
    read,
  };
}
