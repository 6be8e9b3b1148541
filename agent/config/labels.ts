// The section that says which labels a stream gets.

import { z } from 'zod';
import { labelName } from './fields.ts';

const builtIn = z.enum(['app', 'service', 'tag', 'instance']);

/** `labels`. */
export const labelsSection = z.strictObject({
  app: z.enum(['tag', 'container-name']).default('tag'),
  /** The host's name unless set. */
  instance: z.string().min(1).max(512).optional(),
  static: z.record(labelName, z.string().max(1024)).default({}),
  /** Other names for `app`, `service`, `tag` and `instance`. */
  rename: z.partialRecord(builtIn, labelName).default({}),
  /** Built-in labels that streams are to go without. */
  remove: z.array(builtIn).default([]),
  /** Labels whose values stand in the line, which is JSON: label by key. */
  json: z.record(labelName, z.string().min(1).max(200)).default({}),
  streamsMax: z.int().min(1).max(100_000).default(1000),
});
