// The zod schemas that parameters of faults share: durations and sizes as people write them, shares, statuses.

import { z } from 'zod';
import { parseDuration, parseSize } from '../core/units.ts';

/** `250ms 10s 2m 1h`, or a number of milliseconds; parsed to milliseconds. */
export const durationParam = z.union([z.string(), z.number()]).transform((value, context) => {
  const durationMs = typeof value === 'number' ? value : parseDuration(value);
  if (durationMs !== undefined && Number.isFinite(durationMs) && durationMs >= 0) return durationMs;
  context.addIssue(`Expected a duration such as 250ms or 10s, got ${JSON.stringify(value)}`);
  return z.NEVER;
});

/** `512B 64KiB 4MiB`, or a number of bytes from 0; parsed to bytes. */
export const sizeParam = z.union([z.string(), z.number()]).transform((value, context) => {
  const bytes = typeof value === 'number' ? value : parseSize(value);
  if (bytes !== undefined && Number.isSafeInteger(bytes) && bytes >= 0) return bytes;
  context.addIssue(`Expected a size such as 64KiB or 4MiB, got ${JSON.stringify(value)}`);
  return z.NEVER;
});

/** An HTTP status that a sink may answer with. */
export const statusParam = z.int().min(200).max(599);

/** A share of all calls, above 0, at most 1. */
export const shareParam = z.number().gt(0).max(1);

/** A number of bytes or calls, at least 1. */
export const countParam = z.int().min(1);
