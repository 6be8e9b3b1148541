// Turns the text of a config file into a typed config, or into one error that says everything that is wrong with it.

import { parseDocument } from 'yaml';
import { z } from 'zod';
import { AgentError } from '../errors.ts';
import { nearestKey } from './nearest-key.ts';
import { type AgentConfig, configSchema } from './schema.ts';
import { substitute } from './substitute.ts';

/** Parses YAML. Throws `E_CONFIG_SYNTAX`, `E_CONFIG_ENV` or `E_CONFIG_INVALID`; `name` is how messages call the file. */
export function parseConfig(
  text: string,
  options: { name: string; env: Readonly<Record<string, string | undefined>> },
): AgentConfig {
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error !== undefined)
    throw new AgentError('E_CONFIG_SYNTAX', `${options.name} is not YAML: ${error.message.trimEnd()}`, {
      cause: error,
    });
  const raw = substitute(document.toJS(), options.env) ?? {};
  // Parsed once: compiling the parsers first, as zod does by default, would take longer than they save.
  const result = configSchema.safeParse(raw, { jitless: true });
  if (result.success) return result.data;
  const lines = result.error.issues.flatMap((issue) => describeIssue(issue, raw));
  throw new AgentError(
    'E_CONFIG_INVALID',
    `${options.name} is not a valid config:\n${lines.map((line) => `  - ${line}`).join('\n')}`,
  );
}

function describeIssue(issue: z.core.$ZodIssue, raw: unknown): string[] {
  const path = describePath(issue.path);
  if (issue.code !== 'unrecognized_keys') return [`${path === '' ? '' : `\`${path}\`: `}${issue.message}`];
  const known = keysAt(configSchema, issue.path, raw);
  return issue.keys.map((key) => {
    const nearest = nearestKey(key, known);
    const where = path === '' ? key : `${path}.${key}`;
    return `\`${where}\`: unknown key${nearest === undefined ? `; known are ${known.join(', ')}` : `, did you mean \`${nearest}\`?`}`;
  });
}

function describePath(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, part) =>
      typeof part === 'number' ? `${text}[${part}]` : text === '' ? String(part) : `${text}.${String(part)}`,
    '',
  );
}

/** The keys that an object of the schema knows at `path`; `raw` tells which of several types stands there. */
function keysAt(schema: z.core.$ZodType, path: readonly PropertyKey[], raw: unknown): string[] {
  let at: z.core.$ZodType | undefined = unwrap(schema);
  let value = raw;
  for (const part of path) {
    value = (value as Record<PropertyKey, unknown> | undefined)?.[part];
    if (at instanceof z.ZodArray) at = unwrap(at.element);
    else at = at instanceof z.ZodObject ? unwrap(at.shape[String(part)]) : undefined;
    if (at instanceof z.ZodDiscriminatedUnion) at = optionOf(at, (value as { type?: unknown } | undefined)?.type);
  }
  return at instanceof z.ZodObject ? Object.keys(at.shape) : [];
}

function optionOf(union: z.ZodDiscriminatedUnion, type: unknown): z.core.$ZodType | undefined {
  return union.options.find(
    (option) => option instanceof z.ZodObject && option.shape.type?.def?.values?.includes(type),
  );
}

function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault)
    return unwrap(schema.def.innerType);
  return schema;
}
