// The longest run of backslashes in a body: in the founding outage it is 2^n − 1 after n turns of the loop.

const BACKSLASH = 0x5c;

/**
 * Length of the longest run. Looks only at every (longest + 1)-th byte until one is a backslash, so that it gets
 * faster the longer a run it has found.
 */
export function longestBackslashRun(bytes: Buffer): number {
  let longest = 0;
  let at = bytes.indexOf(BACKSLASH);
  if (at === -1) return 0;
  while (at < bytes.length) {
    if (bytes[at] !== BACKSLASH) {
      at += longest + 1;
      continue;
    }
    let from = at;
    while (from > 0 && bytes[from - 1] === BACKSLASH) from--;
    let end = at + 1;
    while (end < bytes.length && bytes[end] === BACKSLASH) end++;
    if (end - from > longest) longest = end - from;
    at = end + longest + 1;
  }
  return longest;
}
