// The parameters of checkers: strict zod objects whose messages name the key's path in the scenario file and the
// nearest key that exists.

import { z } from 'zod';
import { HarnessError } from '../core/errors.ts';
import { parseDuration, parseSize } from '../core/units.ts';

/** `250ms 10s 2m`, or milliseconds as a number; parsed to milliseconds. */
export const durationParam = z.union([z.string(), z.number()]).transform((value, context) => {
  const durationMs = typeof value === 'number' ? value : parseDuration(value);
  if (durationMs !== undefined && Number.isFinite(durationMs) && durationMs >= 0) return durationMs;
  context.addIssue(`Expected a duration such as 250ms or 10s, got ${JSON.stringify(value)}`);
  return z.NEVER;
});

/** `64KiB 4MiB`, or bytes as a number; parsed to bytes. */
export const sizeParam = z.union([z.string(), z.number()]).transform((value, context) => {
  const bytes = typeof value === 'number' ? value : parseSize(value);
  if (bytes !== undefined && Number.isFinite(bytes) && bytes > 0) return bytes;
  context.addIssue(`Expected a size such as 512B or 64MiB, got ${JSON.stringify(value)}`);
  return z.NEVER;
});

/** A schema as the `params` of a checker: `schema` for documents, `parse` with messages for people. */
export interface CheckerParams<Schema extends z.ZodObject> {
  schema: Schema;
  /** Throws E_SCENARIO_INVALID. */
  parse(raw: unknown): z.output<Schema>;
}

/** Makes them; `checker` is the key of `expect`. */
export function createCheckerParams<Schema extends z.ZodObject>(
  checker: string,
  schema: Schema,
): CheckerParams<Schema> {
  return {
    schema,
    parse: (raw) => {
      const parsed = schema.safeParse(raw ?? {});
      if (parsed.success) return parsed.data;
      const [issue] = parsed.error.issues;
      const path = ['expect', checker, ...(issue?.path ?? [])].join('.');
      if (issue?.code === 'unrecognized_keys') {
        const unknown = issue.keys[0]!;
        throw invalid(
          `Unknown key \`${path}.${unknown}\`: the nearest is \`${findNearestKey(unknown, Object.keys(schema.shape))}\`.`,
        );
      }
      throw invalid(`\`${path}\`: ${issue?.message ?? 'is not valid'}.`);
    },
  };
}

function invalid(message: string): HarnessError {
  return new HarnessError('E_SCENARIO_INVALID', message);
}

function findNearestKey(key: string, known: string[]): string {
  const distances = known.map((candidate) => ({
    candidate,
    edits: countEdits(key.toLowerCase(), candidate.toLowerCase()),
  }));
  return distances.sort((a, b) => a.edits - b.edits)[0]!.candidate;
}

/** Levenshtein distance. */
function countEdits(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      next.push(Math.min(next[j - 1]! + 1, row[j]! + 1, row[j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[to.length]!;
}
