// The published form of comparison.json. Open, as that of results is: changes are additive.

import { z } from 'zod';
import { VERDICTS } from '../model/verdict.ts';

const count = z.int().min(0);
const measured = z.number().nullable();

const measureSchema = z.looseObject({
  id: z.string(),
  label: z.string(),
  group: z.enum(['loss', 'stall', 'loop', 'cost']),
  unit: z.enum(['share', 'ms', 'seconds', 'bytes', 'ratio']),
  floor: z
    .looseObject({ absolute: z.number(), ofMedian: z.number() })
    .meta({ description: 'A shift below this is too small to be named' }),
  meaning: z.string(),
});

const summarySchema = z.looseObject({
  measure: z.string(),
  values: z.array(z.number()).meta({ description: 'One for each judged run, in order of repeats' }),
  median: measured,
  low: measured,
  high: measured,
  coverage: measured.meta({ description: 'Probability that low to high holds the true median' }),
});

const cellSchema = z.looseObject({
  agent: z.string(),
  verdicts: z.looseObject({ valid: count, invalid: count, unknown: count }),
  findings: z.record(z.string(), count).meta({ description: 'checker/class: in how many runs' }),
  folders: z.array(z.string()).meta({ description: 'Run folders, relative to the folder of comparison.json' }),
  measures: z.array(summarySchema),
});

const contrastSchema = z.looseObject({
  measure: z.string(),
  a: z.string(),
  b: z.string(),
  outcome: z
    .enum(['a', 'b', 'same', 'not-shown', 'too-few', 'not-measured'])
    .meta({ description: 'a, b: this one has less, and the repeats show it' }),
  shift: measured.meta({ description: 'Hodges-Lehmann, b minus a' }),
  delta: measured.meta({ description: 'Cliff’s delta, -1 to 1' }),
  p: measured.meta({ description: 'Mann-Whitney, exact, two-sided' }),
  adjustedP: measured.meta({ description: 'Benjamini-Hochberg over the measures that were tested' }),
});

/** comparison.json. */
export const comparisonSchema = z.looseObject({
  schema: z.literal(1),
  larsen: z.string(),
  verdict: z.enum(VERDICTS).meta({ description: 'Of all runs together' }),
  startedAt: z.iso.datetime(),
  durationMs: z.number().min(0),
  seed: z.int(),
  repeats: z.int().min(1),
  engine: z.string(),
  agents: z.array(
    z.looseObject({ name: z.string(), file: z.string().nullable(), driver: z.string(), self: z.string() }),
  ),
  measures: z.array(measureSchema),
  scenarios: z.array(
    z.looseObject({
      scenario: z.string(),
      title: z.string(),
      cells: z.array(cellSchema),
      contrasts: z.array(contrastSchema),
    }),
  ),
  configDiffs: z.array(z.looseObject({ from: z.string(), to: z.string(), what: z.string(), diff: z.string() })),
});
