// The section of a Forward input.

import { z } from 'zod';
import { KIB, MIB, size, streamUrl } from './fields.ts';

/** `inputs[]` with `type: forward`. */
export const forwardInput = z.strictObject({
  type: z.literal('forward'),
  url: streamUrl,
  /** Mode of the socket file; dockerd is root, other senders need 0666 or a group. */
  socketMode: z
    .string()
    .regex(/^0?[0-7]{3}$/, 'Expected an octal mode such as "0660"')
    .transform((text) => Number.parseInt(text, 8))
    .optional(),
  messageMax: size({ min: 64 * KIB, max: 256 * MIB }).prefault('8MiB'),
  decompressedMax: size({ min: 64 * KIB, max: 512 * MIB }).prefault('32MiB'),
  connectionsMax: z.int().min(1).max(100_000).default(1024),
});
