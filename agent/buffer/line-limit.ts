// What to do with a line that the sink would refuse for its length.

/** `split` keeps every byte in several entries, `truncate` keeps the beginning, `drop` nothing. */
export type LineOver = 'split' | 'truncate' | 'drop';

/** Length of the first part of a long line: at most `lineMax`, and not through the middle of a UTF-8 character. */
export function cutLength(bytes: Uint8Array, start: number, lineMax: number): number {
  for (let length = lineMax; length > lineMax - 4; length--) {
    if (((bytes[start + length] as number) & 0xc0) !== 0x80) return length;
  }
  // No UTF-8 at all: any place is as good as another.
  return lineMax;
}
