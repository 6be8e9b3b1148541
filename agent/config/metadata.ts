// The section that says what goes to Loki as structured metadata: what tells lines apart too finely for a label.

import { z } from 'zod';
import { labelName } from './fields.ts';

const keys = z
  .record(labelName, z.string().min(1).max(200))
  .default({})
  .refine((names) => Object.keys(names).length <= 32, 'Expected at most 32 names');

/** `metadata`. */
export const metadataSection = z.strictObject({
  /** Keys of Forward records: name by key. */
  record: keys,
  /** Keys of lines that are JSON objects: name by key. */
  json: keys,
});
