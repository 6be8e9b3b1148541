// The longest run of backslashes in bytes: each round of a feedback loop escapes them once more, so the run tells
// how often a payload has come around (2^n - 1 after n rounds).

const BACKSLASH = 0x5c;

/** Counts runs over the pieces of one stream; a run goes on in the next piece of the same line. */
export interface BackslashCounter {
  /** Longest run in the range, one begun in the piece before included when `continued`. */
  count(bytes: Buffer, range: { start: number; end: number; continued: boolean }): number;
}

/** A counter that has seen nothing. */
export function createBackslashCounter(): BackslashCounter {
  let open = 0;
  return {
    count(bytes, { start, end, continued }) {
      let longest = 0;
      let run = continued ? open : 0;
      let at = start;
      while (at < end) {
        if (run === 0) {
          at = bytes.indexOf(BACKSLASH, at);
          if (at === -1 || at >= end) break;
        }
        const begun = at;
        while (at < end && bytes[at] === BACKSLASH) at++;
        run += at - begun;
        if (run > longest) longest = run;
        if (at < end) run = 0;
      }
      open = run;
      return longest;
    },
  };
}
