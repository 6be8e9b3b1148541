// The section of a Loki output.

import { z } from 'zod';
import { httpKeys } from './http-output.ts';
import { outputKeys } from './output.ts';

/** `outputs[]` with `type: loki`. */
export const lokiOutput = z.strictObject({
  type: z.literal('loki'),
  ...httpKeys,
  tenant: z.string().min(1).optional(),
  /** JSON is for receivers that do not know protobuf. */
  format: z.enum(['protobuf', 'json']).default('protobuf'),
  ...outputKeys,
});
