// Long legal histories for the mutation of checkers: lines that all arrive, whatever trouble they had on their way.

import fc from 'fast-check';
import { createPrng } from '../../core/prng.ts';
import { delivered, type Journey, journey } from '../../testing/journey.ts';

/** A random history and a place in it. */
export interface LinesPlan {
  seed: number;
  length: number;
  /** Share of the length at which something is planted. */
  place: number;
}

/** Histories of so many lines; each line makes about five events. */
export function linesPlan({ min, max }: { min: number; max: number }): fc.Arbitrary<LinesPlan> {
  return fc.record<LinesPlan>({
    seed: fc.nat(),
    length: fc.integer({ min, max }),
    place: fc.double({ min: 0, max: 0.999, noNaN: true }),
  });
}

/** Small ones, many of which are run, and such of 100,000 events. */
export const SMALL = linesPlan({ min: 50, max: 2_000 });
export const LARGE = linesPlan({ min: 20_000, max: 22_000 });

/** A line that left the driver. */
export function sent(seq: number, dueMs: number = seq): Journey {
  return journey(seq, dueMs).planned().written().sent();
}

/** Lines that all arrive, some after refusals, some twice (fewer than 2 %), some quoted, a few never written at all. */
export function makeLegalLines({ seed, length }: LinesPlan): Journey[] {
  const random = createPrng(seed);
  return Array.from({ length }, (_, seq) => {
    const dice = random.next();
    if (dice < 0.01) return delivered(seq).pushed(204);
    if (dice < 0.1)
      return sent(seq)
        .pushed(random.next() < 0.5 ? 500 : 429)
        .pushed(0)
        .pushed(204)
        .stored();
    if (dice < 0.12) return journey(seq).planned().notSent();
    return dice < 0.13 ? delivered(seq).echoed(2) : delivered(seq);
  });
}
