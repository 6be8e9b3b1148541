// The values people write in files, as zod types: durations (`10s`) become milliseconds, sizes (`4MiB`) become
// bytes. Each says in its own words what it expects; messages.ts adds what was got and where.

import { z } from 'zod';
import { parseDuration, parseSize } from '../core/units.ts';
import { APP_NAME } from '../model/line-id.ts';

const DURATION_TEXT = 'a duration such as 250ms, 10s, 2m or 1h';
const SIZE_TEXT = 'a size such as 512B, 64KiB or 4MiB';

/** A duration text, parsed to milliseconds. */
export const duration = z
  .string({ error: DURATION_TEXT })
  .regex(/^\d+(\.\d+)?(ms|s|m|h)$/, { error: DURATION_TEXT })
  .transform((text) => parseDuration(text)!);

/** A duration longer than zero, in milliseconds. */
export const positiveDuration = z
  .string({ error: DURATION_TEXT })
  .regex(/^\d+(\.\d+)?(ms|s|m|h)$/, { error: DURATION_TEXT })
  .refine((text) => (parseDuration(text) ?? 1) > 0, { error: 'a duration longer than 0s' })
  .transform((text) => parseDuration(text)!);

/** A size text, parsed to bytes; at least one byte. */
export const size = z
  .string({ error: SIZE_TEXT })
  .regex(/^\d+(\.\d+)?(B|KiB|MiB|GiB|KB|MB|GB)$/, { error: SIZE_TEXT })
  .refine((text) => (parseSize(text) ?? 1) >= 1, { error: 'a size of at least 1B' })
  .transform((text) => parseSize(text)!);

/** A size, or `unlimited` (Infinity) where a version of the sink has no such limit. */
export const sizeOrUnlimited = z.union([size, z.literal('unlimited').transform(() => Infinity)], {
  error: `${SIZE_TEXT}, or unlimited`,
});

/** A count of things per second, 0 or more. */
export const perSecond = z
  .number({ error: 'a number per second, such as 50' })
  .min(0, { error: 'a number per second of 0 or more' });

/** An integer from `min` on. */
export function integerFrom(min: number): z.ZodNumber {
  const error = `an integer of ${min} or more`;
  return z.int({ error }).min(min, { error });
}

/** Any text that is not empty. */
export const text = z.string({ error: 'a text' }).min(1, { error: 'a text that is not empty' });

/** A name of an app: it is part of each line's id, so letters, digits and `-` only. */
export const appName = z.string().regex(APP_NAME, {
  error: 'a name of up to 32 letters, digits and inner dashes',
});

/** A map of free values: parameters that the named part parses itself. */
export const parameters = z.record(z.string(), z.unknown(), { error: 'a map of parameters' });

/** One of a few words. */
export function oneOf<const Words extends readonly [string, ...string[]]>(
  words: Words,
): z.ZodEnum<{ [Word in Words[number]]: Word }> {
  return z.enum(words, { error: `one of ${words.join(', ')}` }) as never;
}
