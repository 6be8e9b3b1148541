// Tells an entry in which lines were joined that do not belong together from one that merely quotes lines: it begins
// as its first line begins, holds that line (or its first piece) in full, and then goes on with another.

import type { FoundId } from './classify-line.ts';
import type { WrittenLine } from './written-lookup.ts';

/** Docker's copier hands on at most so many bytes of a line at once: the least that is there of a longer one. */
const PIECE_BYTES = 16_384;

/** Whether the text that holds these ids, in order of their places, is such an entry. `find` may reuse its object. */
export function isMerged(found: readonly FoundId[], find: (id: FoundId) => WrittenLine | undefined): boolean {
  const [first, ...others] = found;
  if (!first || others.length === 0) return false;
  const written = find(first);
  if (!written?.hasCrc || first.start !== written.idOffset) return false;
  const heldBytes = Math.min(written.bytes, PIECE_BYTES);
  const next = others.find((other) => other.appIndex !== first.appIndex || other.seq !== first.seq);
  if (!next) return false;
  const offset = find(next)?.idOffset ?? -1;
  return next.start - Math.max(0, offset) >= heldBytes;
}
