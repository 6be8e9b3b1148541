// Snappy's block format, written by hand because it is half of the agent's CPU: the addon of npm allocates and copies
// for every call and is three times slower. Input and output lie in ONE ArrayBuffer, so that a literal is moved by
// `copyWithin`, which needs no view object.
//
//   preamble: varint of the decoded length │ then elements: literal 00, copy with 1-byte offset 01, with 2-byte offset 10

/** Matches reach back at most this far, so that two bytes hold every offset. */
const FRAGMENT_BYTES = 65_536;
const TABLE_BITS_MAX = 14;
/** Shorter inputs cannot hold a match worth looking for. */
const MATCH_INPUT_MIN = 15;

const table = new Uint16Array(1 << TABLE_BITS_MAX);

/** The most bytes that `length` bytes can become, the preamble not counted. */
export function compressedMax(length: number): number {
  return 32 + length + Math.floor(length / 6);
}

/** Writes the preamble at `output` and returns the position after it. */
export function writePreamble(bytes: Uint8Array, output: number, decodedLength: number): number {
  let rest = decodedLength;
  let at = output;
  while (rest >= 0x80) {
    bytes[at++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  bytes[at++] = rest;
  return at;
}

/**
 * Compresses `bytes[start, end)` to `output` in the same array, without preamble, and returns the position after it.
 * May be called for one part after the other: together they are one snappy block.
 */
export function compressTo(
  bytes: Uint8Array,
  view: DataView,
  range: { start: number; end: number },
  output: number,
): number {
  let at = output;
  for (let start = range.start; start < range.end; start += FRAGMENT_BYTES) {
    at = compressFragment(bytes, view, start, Math.min(start + FRAGMENT_BYTES, range.end), at);
  }
  return at;
}

function compressFragment(bytes: Uint8Array, view: DataView, start: number, end: number, output: number): number {
  if (end - start < MATCH_INPUT_MIN) return writeLiteral(bytes, view, start, end, output);
  let bits = 8;
  while (bits < TABLE_BITS_MAX && 1 << bits < end - start) bits++;
  table.fill(0, 0, 1 << bits);
  const shift = 32 - bits;
  const limit = end - MATCH_INPUT_MIN;
  let at = output;
  let literal = start;
  let position = start + 1;
  for (;;) {
    // Look for four equal bytes; each miss makes the next step longer, so that noise is passed quickly.
    let misses = 32;
    let candidate = 0;
    for (;;) {
      if (position > limit) return writeLiteral(bytes, view, literal, end, at);
      const word = view.getInt32(position, true);
      const hash = Math.imul(word, 0x1e35a7bd) >>> shift;
      candidate = start + (table[hash] as number);
      table[hash] = position - start;
      if (view.getInt32(candidate, true) === word) break;
      position += misses >>> 5;
      misses++;
    }
    if (position > literal) at = writeLiteral(bytes, view, literal, position, at);
    // Copy as long as the bytes agree, and try again right after the match.
    for (;;) {
      const matchEnd = extendMatch(view, candidate + 4, position + 4, end);
      at = writeCopy(bytes, at, position - candidate, matchEnd - position);
      position = matchEnd;
      literal = position;
      if (position > limit) return writeLiteral(bytes, view, literal, end, at);
      const before = view.getInt32(position - 1, true);
      table[Math.imul(before, 0x1e35a7bd) >>> shift] = position - 1 - start;
      const word = view.getInt32(position, true);
      const hash = Math.imul(word, 0x1e35a7bd) >>> shift;
      candidate = start + (table[hash] as number);
      table[hash] = position - start;
      if (view.getInt32(candidate, true) !== word) break;
    }
    position++;
  }
}

/** Where the bytes from `position` on stop being equal to those from `candidateStart` on. */
function extendMatch(view: DataView, candidateStart: number, position: number, end: number): number {
  const back = position - candidateStart;
  let at = position;
  while (at + 4 <= end) {
    const difference = view.getInt32(at - back, true) ^ view.getInt32(at, true);
    // The lowest bit that differs tells how many of the four bytes agree.
    if (difference !== 0) return at + ((31 - Math.clz32(difference & -difference)) >>> 3);
    at += 4;
  }
  while (at < end && view.getUint8(at - back) === view.getUint8(at)) at++;
  return at;
}

function writeLiteral(bytes: Uint8Array, view: DataView, start: number, end: number, output: number): number {
  const length = end - start;
  if (length === 0) return output;
  const n = length - 1;
  let at = output;
  if (n < 60) bytes[at++] = n << 2;
  else if (n < 256) {
    bytes[at++] = 60 << 2;
    bytes[at++] = n;
  } else {
    bytes[at++] = 61 << 2;
    bytes[at++] = n & 0xff;
    bytes[at++] = n >>> 8;
  }
  // Short literals go word by word, up to three bytes too far: what comes next in the output overwrites them.
  if (length > 64) bytes.copyWithin(at, start, end);
  else for (let i = 0; i < length; i += 4) view.setInt32(at + i, view.getInt32(start + i, true), true);
  return at + length;
}

function writeCopy(bytes: Uint8Array, output: number, offset: number, length: number): number {
  let at = output;
  let left = length;
  // A copy holds at most 64 bytes; at least 4 are left for the last one, which may then take the short form.
  while (left >= 68) {
    at = writeLongCopy(bytes, at, offset, 64);
    left -= 64;
  }
  if (left > 64) {
    at = writeLongCopy(bytes, at, offset, 60);
    left -= 60;
  }
  if (left >= 12 || offset >= 2048) return writeLongCopy(bytes, at, offset, left);
  bytes[at] = 1 | ((left - 4) << 2) | ((offset >>> 8) << 5);
  bytes[at + 1] = offset & 0xff;
  return at + 2;
}

function writeLongCopy(bytes: Uint8Array, output: number, offset: number, length: number): number {
  bytes[output] = 2 | ((length - 1) << 2);
  bytes[output + 1] = offset & 0xff;
  bytes[output + 2] = offset >>> 8;
  return output + 3;
}
