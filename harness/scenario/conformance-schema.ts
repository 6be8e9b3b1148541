// The published form of what `larsen conformance --json` prints, an array with one entry for each agent. Open, as that of
// results is: changes are additive.

import { z } from 'zod';
import { VERDICTS } from '../model/verdict.ts';

const rowSchema = z.looseObject({
  id: z.string(),
  title: z.string(),
  must: z.boolean().meta({ description: 'Whether the specification of the protocol demands it' }),
  verdict: z.enum(['yes', 'no', 'unknown']).meta({ description: 'unknown: it could not be asked' }),
  seen: z.string().meta({ description: 'What was seen, or why it could not be asked' }),
});

/** What `larsen conformance --json` prints. */
export const conformanceSchema = z.array(
  z.looseObject({
    schema: z.literal(1),
    agent: z.string(),
    protocol: z.literal('forward'),
    verdict: z.enum(VERDICTS).meta({
      description: 'invalid: a row that must be yes is no; unknown: one of them could not be asked',
    }),
    rows: z.array(rowSchema),
  }),
);
