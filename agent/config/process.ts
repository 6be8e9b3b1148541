// The section that says what happens to lines between an input and the batch.

import { z } from 'zod';
import { compilePattern, type Pattern } from '../codec/pattern.ts';
import { duration, HOUR_MS, labelName, MIB, size } from './fields.ts';

/** A regular expression that runs in bounded time. */
const pattern = z.string().transform((source, context): Pattern => {
  const compiled = compilePattern(source);
  if (!('why' in compiled)) return compiled;
  context.addIssue({
    code: 'custom',
    message: `Expected a regular expression, got ${JSON.stringify(source)}: ${compiled.why}`,
  });
  return z.NEVER;
});

/** Streams that a rule is for: every label named here must match; `*` stands for any characters. */
const when = z.record(labelName, z.string().max(1024)).default({});

const action = z.enum(['keep', 'mask', 'hash']).default('keep');
const addressAction = z.enum(['keep', 'mask', 'hash', 'truncate']).default('keep');
const keys = z.array(z.string().min(1).max(100)).max(100).default([]);

const lineTest = z
  .strictObject({ contains: z.string().min(1).max(1024).optional(), pattern: pattern.optional() })
  .refine(
    ({ contains, pattern }) => (contains === undefined) !== (pattern === undefined),
    'Expected either `contains` or `pattern`',
  );

const filter = z
  .strictObject({ when, drop: z.union([z.literal('all'), lineTest]).optional(), keep: lineTest.optional() })
  .refine(({ drop, keep }) => (drop === undefined) !== (keep === undefined), 'Expected either `drop` or `keep`');

/** `process`. */
export const processSection = z.strictObject({
  scrub: z
    .strictObject({
      ipv4: addressAction,
      ipv6: addressAction,
      email: action,
      login: action,
      query: action,
      authorization: action,
      loginKeys: keys,
      authorizationKeys: keys,
      saltRotate: duration({ minMs: 1000, maxMs: 31 * 24 * HOUR_MS }).prefault('24h'),
    })
    .prefault({}),
  filters: z.array(filter).max(100).default([]),
  rateLimit: z
    .array(
      z.strictObject({
        when,
        linesPerSecond: z.number().positive().max(1e9),
        /** Lines at once after a silence; as many as in two seconds unless set. */
        burst: z.int().min(1).max(1e9).optional(),
      }),
    )
    .max(100)
    .default([]),
  multiline: z
    .array(
      z.strictObject({
        when,
        start: pattern,
        timeout: duration({ minMs: 10, maxMs: 60_000 }).prefault('1s'),
        linesMax: z.int().min(2).max(100_000).default(500),
        sizeMax: size({ min: 1024, max: 4 * MIB }).prefault('128KiB'),
      }),
    )
    .max(100)
    .default([]),
});
