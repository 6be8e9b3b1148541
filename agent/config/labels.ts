// The section that says which labels a stream gets.

import { z } from 'zod';
import { labelName } from './fields.ts';

/** `labels`. */
export const labelsSection = z.strictObject({
  app: z.enum(['tag', 'container-name']).default('tag'),
  /** The host's name unless set. */
  instance: z.string().min(1).max(512).optional(),
  static: z.record(labelName, z.string().max(1024)).default({}),
  streamsMax: z.int().min(1).max(100_000).default(1000),
});
