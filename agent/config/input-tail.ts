// The section of a tail input.

import { z } from 'zod';
import { duration, HOUR_MS, KIB, MIB, size } from './fields.ts';

const absolute = z.string().regex(/^\/.+/, 'Expected an absolute path, with `*` for any part of a name');

/** `inputs[]` with `type: tail`. */
export const tailInput = z.strictObject({
  type: z.literal('tail'),
  paths: z.array(absolute).min(1).max(100),
  format: z.enum(['lines', 'docker-json-file']).default('lines'),
  /** `{name}`, `{folder}` and `{path}` are filled in. */
  tag: z.string().min(1).max(512).optional(),
  from: z.enum(['start', 'end']).default('start'),
  /** Where it is remembered how far files were read; without it a restart begins by `from`. */
  checkpoint: absolute.optional(),
  poll: duration({ minMs: 10, maxMs: HOUR_MS }).prefault('250ms'),
  rotateWait: duration({ minMs: 10, maxMs: HOUR_MS }).prefault('5s'),
  messageMax: size({ min: 16 * KIB, max: 16 * MIB }).prefault('1MiB'),
  filesMax: z.int().min(1).max(100_000).default(1000),
});
