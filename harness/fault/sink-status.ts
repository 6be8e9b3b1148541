// The sink answers pushes with a status of our choice: 500 of an overloaded Loki, 429, 400. Evidence: pushes that
// were answered so.

import { z } from 'zod';
import { countParam, durationParam, shareParam, statusParam } from './params.ts';
import { createSinkRuleFault } from './sink-rule.ts';

const params = z.strictObject({
  status: statusParam,
  /** `resource-exhausted`, `rate-limited` or any text. */
  body: z.string().optional(),
  /** Sent as Retry-After, in whole seconds. */
  retryAfter: durationParam.optional(),
  calls: countParam.optional(),
  share: shareParam.optional(),
});

/** Parameters `status`, `body`, `retryAfter`, `calls` (only the first so many), `share` (of all, by seed). */
export const sinkStatus = createSinkRuleFault({
  name: 'sink-status',
  params,
  rule: ({ status, body, retryAfter, calls, share }) => ({
    status,
    ...(body === undefined ? {} : { body }),
    ...(retryAfter === undefined ? {} : { retryAfter: Math.ceil(retryAfter / 1_000) }),
    ...(calls === undefined ? {} : { calls }),
    ...(share === undefined ? {} : { share }),
  }),
  proves: ({ status }) => status > 0,
});
