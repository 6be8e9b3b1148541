// Parameters of a part (a fault's, a checker's) read by the part's own schema: any zod, or a plain function that
// throws with a sentence.

import type { z } from 'zod';
import type { Params } from '../model/parts.ts';
import { describeIssues, type Issue, type Problem } from './messages.ts';
import type { KeyPath } from './read-document.ts';

/** Parses `raw` and tells what was wrong as problems below `prefix`; never throws. `besides`: keys known beside it. */
export function parseParams<P>(
  params: Params<P>,
  raw: unknown,
  { prefix, besides = [] }: { prefix: KeyPath; besides?: string[] },
): { value: P | undefined; problems: Problem[] } {
  try {
    return { value: typeof params === 'function' ? params(raw) : params.parse(raw), problems: [] };
  } catch (error) {
    const issues = readIssues(error);
    const schema = typeof params === 'function' ? undefined : (params as z.ZodType);
    if (issues) return { value: undefined, problems: describeIssues(issues, { raw, schema, prefix, besides }) };
    return {
      value: undefined,
      problems: [{ path: prefix, text: error instanceof Error ? error.message : String(error) }],
    };
  }
}

function readIssues(error: unknown): Issue[] | undefined {
  const issues = (error as { issues?: unknown } | null)?.issues;
  const isIssue = (issue: Partial<Issue> | null): boolean =>
    Array.isArray(issue?.path) && typeof issue?.message === 'string';
  return Array.isArray(issues) && issues.length > 0 && issues.every(isIssue) ? (issues as Issue[]) : undefined;
}
