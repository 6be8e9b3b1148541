// Finds the ids of app lines in a stream as it arrives, one scan per read instead of one per line, and tells the
// line copier which of them begin in the line it is making. An id that lies across two reads is found when its end
// arrives: the scan begins again a little before the new bytes.

import type { LineIdScanner } from '../model/line-id.ts';
import type { ByteStore } from './byte-store.ts';
import { createNumberQueue } from './number-queue.ts';

/** More than the longest id has bytes; less than the store keeps behind its start. */
const LOOK_BACK_BYTES = 96;

/** The ids in one stream. */
export interface IdFinder {
  /** Scans what was appended to the store since the last call. */
  scan(): void;
  /** Ids that begin before `offset`, counted once. `seq` then holds the first of this app's own among them. */
  takeBefore(offset: number): number;
  /** Number of the line from the last `takeBefore`, -1 when no id of this app was in it. */
  readonly seq: number;
}

/** A finder over `store` for ids of app number `appIndex` of the scanner (-1: ids are only counted); `onOwn` hears of each. */
export function createIdFinder(
  store: ByteStore,
  { scanner, appIndex, onOwn }: { scanner: LineIdScanner; appIndex: number; onOwn?(seq: number, crc: number): void },
): IdFinder {
  const starts = createNumberQueue();
  const seqs = createNumberQueue();
  let scannedTo = 0;
  let seq = -1;
  let from = 0;
  return {
    get seq() {
      return seq;
    },
    scan() {
      from = Math.max(scannedTo, store.base);
      const { memory, base, end } = store;
      scanner.scan(memory.subarray(from - base, end - base), (found) => {
        starts.push(from + found.start);
        // Canaries and other apps' ids are counted, never taken for a line of this app.
        const isOwn = found.appIndex === appIndex && appIndex >= 0 && !found.canary;
        if (isOwn) onOwn?.(found.seq, found.crc);
        seqs.push(isOwn ? found.seq : -1);
        scannedTo = from + found.end;
      });
      scannedTo = Math.max(scannedTo, end - LOOK_BACK_BYTES);
    },
    takeBefore(offset) {
      seq = -1;
      let count = 0;
      for (; starts.first() < offset; count++) {
        starts.shift();
        const own = seqs.shift();
        if (seq === -1) seq = own;
      }
      return count;
    },
  };
}
