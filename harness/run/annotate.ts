// On GitHub the outcome of a call is told twice: for people in the log, and as annotations on the page of the check.

import type { Result } from '../model/run.ts';
import { formatGithub } from '../report/github.ts';

/** Writes annotations where `GITHUB_ACTIONS=true`; the runner reads them from either stream. */
export function annotate(
  result: Result,
  stream: { write(text: string): unknown },
  env: Readonly<Record<string, string | undefined>>,
): void {
  if (env.GITHUB_ACTIONS === 'true') stream.write(formatGithub(result));
}
