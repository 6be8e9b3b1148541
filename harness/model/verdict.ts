// The three-valued verdict and how verdicts compose: `invalid` beats `unknown` beats `valid`. Nothing at all
// is `unknown`: an empty run proves nothing.

export const VERDICTS = ['valid', 'invalid', 'unknown'] as const;

/** One of the three. */
export type Verdict = (typeof VERDICTS)[number];

/** The verdict of many. An empty list is `unknown`. */
export function composeVerdicts(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes('invalid')) return 'invalid';
  return verdicts.length === 0 || verdicts.includes('unknown') ? 'unknown' : 'valid';
}
