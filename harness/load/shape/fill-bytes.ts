// A line of exactly the size asked for whose rest is cut out of a repeated pattern of bytes: what the shapes of unusual
// bytes have in common.

import { plain } from './plain.ts';

/** What the rest of a line is made of. */
export interface BytePattern {
  /** Stands before the id. */
  before?: string;
  /** Repeated up to the end; whole repetitions only, so that no character of it is cut. */
  pattern: Buffer;
  /** Fills what is too short for one more repetition. One byte. */
  pad: string;
  /** The very last bytes. */
  end?: string;
}

/** The bytes of a line; about 200 where no size is asked, never less than its fixed parts. */
export function fillBytes(
  { before = '', pattern, pad, end = '' }: BytePattern,
  { id, random, bytes = 0 }: { id: string; random: () => number; bytes?: number | undefined },
): Buffer {
  // A draw decides where the pattern begins, so that borders hit every place in it.
  const shift = Math.floor(random() * pattern.length);
  const head = Buffer.from(`${before}${id} ${pad.repeat(shift)}`);
  const size = bytes > 0 ? bytes : 200;
  const room = Math.max(0, size - head.length - end.length);
  const whole = Math.floor(room / pattern.length);
  const line = Buffer.alloc(head.length + room, pad);
  head.copy(line);
  for (let n = 0; n < whole; n++) pattern.copy(line, head.length + n * pattern.length);
  return Buffer.concat([line, Buffer.from(end)]);
}

/** For http apps the shapes of unusual bytes look like `plain`: what a request logs is given. */
export const formatPlainAccess = plain.formatAccessLine;
