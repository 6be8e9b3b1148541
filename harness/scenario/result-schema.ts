// The published form of result.json and ledger.jsonl (docs/reference.md). Changes are additive, so readers must
// take keys that they do not know: the schemas are open where those of files are strict.

import { z } from 'zod';
import { ACCOUNTS, LEDGER_COUNTS } from '../model/ledger.ts';
import { VERDICTS } from '../model/verdict.ts';

const hop = z.string().regex(/^(app|driver|agent|relay|sink)(\.\.(app|driver|agent|relay|sink))?$/);
const evidence = z.string().regex(/^history#\d+$/);
const count = z.int().min(0);
const verdict = z.enum(VERDICTS);
const numbers = z.record(z.string(), z.number()).meta({ description: 'Keys end in their unit' });

const findingSchema = z.looseObject({
  checker: z.string(),
  class: z.string(),
  hop,
  severity: z.enum(['critical', 'major', 'minor']),
  title: z.string().meta({ description: 'A sentence that stands by itself' }),
  fromMs: z.number().meta({ description: 'Milliseconds since load start' }),
  toMs: z.number(),
  numbers,
  evidence: z.array(evidence),
  remedy: z
    .looseObject({
      key: z.string(),
      text: z.string(),
      paste: z
        .string()
        .optional()
        .meta({ description: 'Lines of daemon.json or of a compose file, where the driver was taken from one' }),
    })
    .nullable(),
});

const totals = z.looseObject(
  Object.fromEntries(
    LEDGER_COUNTS.flatMap((name) => [[`${name}Lines`, count] as const, [`${name}Bytes`, count] as const]),
  ),
);

const runSchema = z.looseObject({
  scenario: z.string(),
  agent: z.string(),
  engine: z.enum(['process', 'docker', 'sim', 'swarm']),
  seed: z.int(),
  repeat: z.int(),
  verdict,
  folder: z.string().meta({ description: 'Relative to the folder of result.json' }),
  reasons: z.array(z.string()),
  checks: z.record(z.string(), z.looseObject({ verdict, numbers, reasons: z.array(z.string()) })),
  findings: z.array(findingSchema),
  ledger: z.looseObject({
    total: totals,
    apps: z.record(z.string(), totals),
    hops: z.array(z.looseObject({ hop, reason: z.string(), lines: count, bytes: count })),
  }),
  costs: z
    .array(z.looseObject({ role: z.string(), name: z.string(), cpuMs: z.number(), memoryMaxBytes: z.number() }))
    .optional()
    .meta({ description: 'What each process cost from the start of load until all was drained' }),
  images: z
    .array(
      z.looseObject({
        name: z.string().meta({ description: 'The public name that is taken unless something else is asked for' }),
        used: z.string(),
        madeHere: z.boolean().meta({ description: 'Made on that machine, not the one published under its name' }),
      }),
    )
    .optional()
    .meta({ description: 'Images of the containers (docker engine)' }),
});

/** result.json. */
export const resultSchema = z.looseObject({
  schema: z.literal(1),
  larsen: z.string().meta({ description: 'Version that wrote it' }),
  verdict,
  startedAt: z.iso.datetime(),
  durationMs: z.number().min(0),
  runs: z.array(runSchema),
});

/** One line of ledger.jsonl. */
export const ledgerEntrySchema = z.looseObject({
  id: z.string().regex(/^lrs1-/),
  app: z.string(),
  seq: count,
  account: z.enum(ACCOUNTS),
  hop,
  reason: z.string(),
  lastSeenMs: z.number(),
  lastSeen: z.string(),
  bytes: count,
  acceptedPushes: count,
  storedCopies: count,
});
