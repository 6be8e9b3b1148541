// The section of a buffer: the top-level one holds for every output, an output's own one changes parts of it.

import { z } from 'zod';
import { MIB, size } from './fields.ts';

const memoryMax = size({ min: 4 * MIB, max: 64 * 1024 * MIB });
const policy = z.enum(['block', 'drop-oldest', 'drop-newest']);

/** `buffer`. */
export const bufferSection = z.strictObject({
  memoryMax: memoryMax.prefault('64MiB'),
  policy: policy.default('drop-oldest'),
});

/** `outputs[].buffer`: what is left out is as in `buffer`. */
export const outputBuffer = z.strictObject({ memoryMax: memoryMax.optional(), policy: policy.optional() });
