// The section of a journald input.

import { z } from 'zod';
import { KIB, MIB, size } from './fields.ts';

/** `inputs[]` with `type: journald`. */
export const journaldInput = z.strictObject({
  type: z.literal('journald'),
  /** journalctl, with what selects entries: `[journalctl, --unit=docker.service]`. */
  command: z.array(z.string().min(1)).min(1).max(100).default(['journalctl']),
  /** Where the cursor is remembered; without it a restart begins by `from`. */
  checkpoint: z.string().regex(/^\/.+/, 'Expected an absolute path').optional(),
  from: z.enum(['start', 'end']).default('start'),
  messageMax: size({ min: 16 * KIB, max: 64 * MIB }).prefault('1MiB'),
});
