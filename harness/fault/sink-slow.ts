// The sink answers late (`delay`) or takes bytes slowly (`bytesPerSecond`). Evidence: pushes that took this long.

import { z } from 'zod';
import { countParam, durationParam } from './params.ts';
import { createSinkRuleFault } from './sink-rule.ts';

const params = z
  .strictObject({ delay: durationParam.optional(), bytesPerSecond: countParam.optional() })
  .refine(({ delay, bytesPerSecond }) => (delay === undefined) !== (bytesPerSecond === undefined), {
    error: 'Expected either `delay` or `bytesPerSecond`',
  });

/** Shorter than any answer worth calling slow, longer than a loopback push takes in health. */
const SLOW_MS = 50;

/** Parameters: either `delay` of each answer, or `bytesPerSecond` of request bodies. */
export const sinkSlow = createSinkRuleFault({
  name: 'sink-slow',
  params,
  rule: ({ delay, bytesPerSecond }) => ({
    ...(delay === undefined ? {} : { delayMs: delay }),
    ...(bytesPerSecond === undefined ? {} : { bytesPerSecond }),
  }),
  proves: ({ startedNs, answeredNs }) => answeredNs - startedNs >= SLOW_MS * 1e6,
});
