// What every output has, whatever it speaks: a name, its buffer, its timeouts and waits.

import { z } from 'zod';
import { outputBuffer } from './buffer.ts';
import { duration, HOUR_MS } from './fields.ts';

/** Keys of every section in `outputs[]`. */
export const outputKeys = {
  /** How metrics and messages call it; the type unless set. */
  name: z
    .string()
    .regex(/^[a-zA-Z0-9_.-]{1,64}$/, 'Expected a name of up to 64 letters, digits and _.-')
    .optional(),
  buffer: outputBuffer.prefault({}),
  timeout: duration({ minMs: 10, maxMs: HOUR_MS }).prefault('10s'),
  /** How long it is remembered what the receiver turned out to take: sizes and rates. */
  limitsKept: duration({ minMs: 1000, maxMs: 24 * HOUR_MS }).prefault('10m'),
  inFlightMax: z.int().min(1).max(64).default(1),
  retry: z
    .strictObject({
      min: duration({ minMs: 1, maxMs: HOUR_MS }).prefault('250ms'),
      max: duration({ minMs: 1, maxMs: HOUR_MS }).prefault('5s'),
      blocked: duration({ minMs: 1, maxMs: HOUR_MS }).prefault('30s'),
      attemptsMax: z.int().min(1).optional(),
      ageMax: duration({ minMs: 1000, maxMs: 1000 * HOUR_MS }).optional(),
    })
    .prefault({}),
};
