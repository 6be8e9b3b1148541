// The lines that are still inside a stream, one by one, with their numbers: what is booked as held at the end, and
// what a daemon that restarts or gives up on the pipes forgets. Visiting takes them out of the books of the stream.

import type { ByteStore } from './byte-store.ts';
import type { Copier } from './copier.ts';
import type { IdFinder } from './id-finder.ts';
import type { NumberQueue } from './number-queue.ts';

const NEWLINE = 0x0a;

/** A line that is still inside: its number (-1: none), and whether the copier has its beginning. */
export type VisitHeldLine = (seq: number, inCopier: boolean) => void;

/** The lines inside one stream. */
export interface HeldLines {
  /** Lines before `to`. */
  visit(to: number, visit: VisitHeldLine): void;
  /** Lines behind `at`, where the stream was cut; the rest of the line that was cut is none. */
  visitBehind(at: number, visit: VisitHeldLine): void;
}

/** What they are found with. */
export interface HeldLinesPorts {
  store: ByteStore;
  newlines: NumberQueue;
  finder: IdFinder | null;
  copier: Copier;
}

/** The lines inside a stream. */
export function createHeldLines({ store, newlines, finder, copier }: HeldLinesPorts): HeldLines {
  const visitFrom = (start: number, to: number, visit: VisitHeldLine): void => {
    const copierEnd = store.start + copier.held;
    let from = start;
    const tell = (next: number): void => {
      finder?.takeBefore(next);
      const own = finder?.seq ?? -1;
      visit(own === -1 && from === store.start ? (copier.openLine?.seq ?? -1) : own, from < copierEnd);
      from = next;
    };
    while (newlines.first() < to) tell(newlines.shift() + 1);
    const isOpen = from === store.start && copier.openLine !== null;
    if (from < to || isOpen) tell(to);
  };
  return {
    visit: (to, visit) => visitFrom(store.start, to, visit),
    visitBehind(at, visit) {
      let start = at;
      const isWhole = at === 0 || store.memory[at - 1 - store.base] === NEWLINE;
      if (!isWhole) {
        start = newlines.shift() + 1;
        finder?.takeBefore(start);
      }
      if (start < store.end) visitFrom(start, store.end, visit);
    },
  };
}
