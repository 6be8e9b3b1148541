// What all shapes have in common: a format for real requests, and from it a ShapeDefinition for synthetic lines.
// A size asked for is reached by a query behind the path; a line never gets shorter than its facts.

import type { ShapeDefinition, ShapedLine } from '../../model/parts.ts';
import { type AccessFacts, drawAccessFacts } from './access-facts.ts';
import { drawQueryFiller } from './filler.ts';

/** A shape that http apps can use too. */
export interface AccessShape extends ShapeDefinition {
  /** The lines of one request, without newlines: the first holds the path (and so the id), the others are anonymous. */
  formatAccessLine(facts: AccessFacts): string[];
}

/** A shape whose synthetic lines are access lines of made-up requests. */
export function createAccessShape({
  name,
  formatAccessLine,
}: Pick<AccessShape, 'name' | 'formatAccessLine'>): AccessShape {
  return {
    name,
    formatAccessLine,
    line: ({ id, seq, dueMs, random, bytes = 0 }) => {
      const facts = drawAccessFacts({ id, seq, dueMs, random });
      const missing = bytes === 0 ? 0 : bytes - Buffer.byteLength(formatAccessLine(facts)[0]!);
      if (missing > 0) facts.path += `?q=${drawQueryFiller(missing - 3, random)}`.slice(0, missing);
      const [first, ...others] = formatAccessLine(facts);
      return [
        Buffer.from(first!),
        ...others.map((text): ShapedLine => ({ anonymous: true, bytes: Buffer.from(text) })),
      ];
    },
  };
}
