// The connection is reset in the middle of a push, after so many bytes of its body. Evidence: pushes cut so.

import { z } from 'zod';
import { createSinkRuleFault } from './sink-rule.ts';

/** Parameter `afterBytes`: body bytes taken before the reset, 0 or more. */
export const sinkReset = createSinkRuleFault({
  name: 'sink-reset',
  params: z.strictObject({ afterBytes: z.int().min(0) }),
  rule: ({ afterBytes }) => ({ resetAfterBytes: afterBytes }),
  proves: ({ status }) => status === 0,
});
