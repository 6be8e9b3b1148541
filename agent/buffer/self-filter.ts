// Takes the agent's own log lines out of a batch before it is sealed. They come back when a container runtime sends the
// agent's stderr to the agent's own socket; pushed, a complaint about a refused push would become part of the next one.
// The search runs once over the batch, not once per record, so it costs nearly nothing.

import { readVarint } from '../codec/protobuf.ts';

/**
 * Moves the entries in `[start, end)` together so that those whose bytes hold `marker` are gone. Entries are protobuf
 * fields as batcher.ts writes them. Returns the new end and how many entries went.
 */
export function removeMarked(
  bytes: Uint8Array,
  range: { start: number; end: number },
  marker: Buffer,
): { end: number; removed: number } {
  const found = Buffer.from(bytes.buffer, bytes.byteOffset + range.start, range.end - range.start);
  let nextMark = found.indexOf(marker);
  if (nextMark < 0) return { end: range.end, removed: 0 };
  let write = range.start;
  let removed = 0;
  for (let read = range.start; read < range.end; ) {
    const length = readVarint(bytes, read + 1);
    const after = length.next + length.value;
    while (nextMark >= 0 && range.start + nextMark < read) nextMark = found.indexOf(marker, read - range.start);
    if (nextMark >= 0 && range.start + nextMark < after) removed++;
    else {
      bytes.copyWithin(write, read, after);
      write += after - read;
    }
    read = after;
  }
  return { end: write, removed };
}
