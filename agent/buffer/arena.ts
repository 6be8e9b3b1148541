// One block of memory for the whole hot path. A line that was read into it moves to its batch, and a batch to its
// compressed form, by `copyWithin` alone: no view objects, and nothing for the garbage collector.
//
//   │ headroom │ read buffer │ open batch (region) │ compressed output │
//     ▲ the unfinished message of the read before is put right in front of the next read

import { compressedMax } from '../codec/snappy-compress.ts';

/** Room for the start of a message whose rest comes with the next read; longer ones take a slower path. */
export const HEADROOM_BYTES = 65_536;
/** Bytes asked of the kernel per read; a unix socket holds 208 KiB by default. */
export const READ_BYTES = 262_144;

/** Memory of the hot path, with the borders of its parts as offsets. */
export interface Arena {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly readStart: number;
  readonly regionStart: number;
  readonly regionEnd: number;
  readonly outputStart: number;
}

/** Allocates the memory; `regionBytes` is for the open batch. */
export function createArena(regionBytes: number): Arena {
  const readStart = HEADROOM_BYTES;
  const regionStart = readStart + READ_BYTES;
  const regionEnd = regionStart + regionBytes;
  const buffer = new ArrayBuffer(regionEnd + compressedMax(regionBytes) + 16);
  return {
    bytes: new Uint8Array(buffer),
    view: new DataView(buffer),
    readStart,
    regionStart,
    regionEnd,
    outputStart: regionEnd,
  };
}
