// The sink takes pushes and never answers. Evidence: pushes that ended without an answer.

import { z } from 'zod';
import { createSinkRuleFault } from './sink-rule.ts';

/** Has no parameters. */
export const sinkSilent = createSinkRuleFault({
  name: 'sink-silent',
  params: z.strictObject({}),
  rule: () => ({ silent: true }),
  proves: ({ status }) => status === 0,
});
