// Cuts a line that is longer than its receiver takes. Every part of the agent that does it does it here.

/** `split` keeps every byte in several entries, `truncate` the beginning, `dead-letter` the whole elsewhere, `drop` nothing. */
export type LineOver = 'split' | 'truncate' | 'dead-letter' | 'drop';

/** Length of the first part of a long line: at most `lineMax`, and not through the middle of a UTF-8 character. */
export function cutLength(bytes: Uint8Array, start: number, lineMax: number): number {
  for (let length = lineMax; length > lineMax - 4 && length > 0; length--) {
    if (((bytes[start + length] as number) & 0xc0) !== 0x80) return length;
  }
  // No UTF-8 at all: any place is as good as another.
  return lineMax;
}

/** The parts of a line that is longer than `lineMax`, as views; every byte is in one of them. */
export function splitLine(line: Uint8Array, lineMax: number): Uint8Array[] {
  const parts: Uint8Array[] = [];
  let at = 0;
  while (line.length - at > lineMax) {
    const size = cutLength(line, at, lineMax);
    parts.push(line.subarray(at, at + size));
    at += size;
  }
  parts.push(line.subarray(at));
  return parts;
}

/** The beginning of a line and the mark behind it, together at most `lineMax` bytes. */
export function truncateLine(line: Uint8Array, lineMax: number, mark: Uint8Array): Uint8Array {
  const room = lineMax - mark.length;
  if (room <= 0) return line.slice(0, cutLength(line, 0, lineMax));
  return Buffer.concat([line.subarray(0, cutLength(line, 0, room)), mark]);
}
