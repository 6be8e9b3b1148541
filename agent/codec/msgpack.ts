// The bytes of MessagePack that the Forward protocol is made of: how long a value is, without building it.
// Nothing here allocates by a length that a header merely claims.

/** The value goes on past the bytes at hand. */
export const INCOMPLETE = 0;
/** Valid so far, but not what the caller looks for; a slower path decides. */
export const OTHER = -1;
/** A header claims more than the limit allows. */
export const TOO_LARGE = -2;
/** Not MessagePack, or nested deeper than {@link DEPTH_MAX}. */
export const INVALID = -3;

/** Deepest nesting that is accepted; Docker sends 2, Fluent Bit up to 4. */
export const DEPTH_MAX = 32;

/** Bytes of a scalar or of a header by its first byte; 0 = length follows or containers, see below. */
const FIXED_SIZE = new Uint8Array(256);
/** What else to do by first byte: number of length bytes for str, bin, ext (+16 for ext); 32 array, 64 map. */
const SHAPE = new Uint8Array(256);

const STR = 1;
const EXT = 16;
const ARRAY = 32;
const MAP = 64;

for (let byte = 0; byte < 256; byte++) {
  if (byte < 0x80 || byte >= 0xe0 || byte === 0xc0 || byte === 0xc2 || byte === 0xc3) FIXED_SIZE[byte] = 1;
  else if (byte < 0x90) SHAPE[byte] = MAP;
  else if (byte < 0xa0) SHAPE[byte] = ARRAY;
  else if (byte < 0xc0) FIXED_SIZE[byte] = 1 + (byte & 31);
}
for (const [byte, size] of [
  [0xca, 5],
  [0xcb, 9],
  [0xcc, 2],
  [0xcd, 3],
  [0xce, 5],
  [0xcf, 9],
  [0xd0, 2],
  [0xd1, 3],
  [0xd2, 5],
  [0xd3, 9],
  [0xd4, 3],
  [0xd5, 4],
  [0xd6, 6],
  [0xd7, 10],
  [0xd8, 18],
] as const)
  FIXED_SIZE[byte] = size;
for (const [byte, width] of [
  [0xc4, 1],
  [0xc5, 2],
  [0xc6, 4],
  [0xd9, 1],
  [0xda, 2],
  [0xdb, 4],
] as const)
  SHAPE[byte] = STR * width;
for (const [byte, width] of [
  [0xc7, 1],
  [0xc8, 2],
  [0xc9, 4],
] as const)
  SHAPE[byte] = EXT + width;
for (const [byte, width] of [
  [0xdc, 2],
  [0xdd, 4],
] as const)
  SHAPE[byte] = ARRAY + width;
for (const [byte, width] of [
  [0xde, 2],
  [0xdf, 4],
] as const)
  SHAPE[byte] = MAP + width;

/** Reads a big-endian length of 1, 2 or 4 bytes. */
export function readLength(view: DataView, position: number, width: number): number {
  return width === 1 ? view.getUint8(position) : width === 2 ? view.getUint16(position) : view.getUint32(position);
}

/** True for the header byte of a str or a bin. */
export function isTextHeader(first: number): boolean {
  return (first & 0xe0) === 0xa0 || textWidth(first) > 0;
}

/** Bytes of the length that follows the header of a longer str or bin; 0 for every other header. */
export function textWidth(first: number): number {
  if (first === 0xd9 || first === 0xc4) return 1;
  if (first === 0xda || first === 0xc5) return 2;
  return first === 0xdb || first === 0xc6 ? 4 : 0;
}

/**
 * Skips values piece by piece and can go on when more bytes have come: the place and the open containers are state.
 * `next` looks at each byte once, however finely a value arrives.
 */
export class ValueSkipper {
  /** Where to go on. */
  position = 0;
  private readonly open = new Float64Array(DEPTH_MAX + 1);
  private depth = 0;
  private readonly sizeMax: number;

  constructor(sizeMax: number) {
    this.sizeMax = sizeMax;
  }

  /** Starts over with one value at `position`. */
  reset(position: number): void {
    this.position = position;
    this.depth = 0;
    this.open[0] = 1;
  }

  /** The end of the value that was begun at `reset`, or {@link INCOMPLETE}, {@link TOO_LARGE}, {@link INVALID}. */
  next(bytes: Uint8Array, view: DataView, end: number): number {
    const open = this.open;
    let position = this.position;
    for (;;) {
      while (open[this.depth] === 0) {
        if (this.depth === 0) return position;
        this.depth--;
      }
      this.position = position;
      if (position >= end) return INCOMPLETE;
      const first = bytes[position] as number;
      const fixed = FIXED_SIZE[first] as number;
      if (fixed > 0) {
        if (position + fixed > end) return INCOMPLETE;
        position += fixed;
        open[this.depth]!--;
        continue;
      }
      const shape = SHAPE[first] as number;
      if (shape === 0) return INVALID;
      const width = shape & 15;
      if (position + 1 + width > end) return INCOMPLETE;
      const length = width === 0 ? first & 15 : readLength(view, position + 1, width);
      if (length > this.sizeMax) return TOO_LARGE;
      if (shape < ARRAY) {
        const size = 1 + width + length + (shape >= EXT ? 1 : 0);
        if (position + size > end) return INCOMPLETE;
        position += size;
        open[this.depth]!--;
        continue;
      }
      if (this.depth === DEPTH_MAX) return INVALID;
      position += 1 + width;
      open[this.depth]!--;
      open[++this.depth] = shape >= MAP ? length * 2 : length;
    }
  }
}
