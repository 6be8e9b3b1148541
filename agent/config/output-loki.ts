// The section of a Loki output.

import { z } from 'zod';
import { httpUrl } from './fields.ts';
import { outputKeys } from './output.ts';

/** `outputs[]` with `type: loki`. */
export const lokiOutput = z.strictObject({
  type: z.literal('loki'),
  url: httpUrl,
  tenant: z.string().min(1).optional(),
  headers: z.record(z.string(), z.string()).default({}),
  ...outputKeys,
});
