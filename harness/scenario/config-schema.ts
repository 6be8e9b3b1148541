// The text form of larsen.config (docs/reference.md) as a strict zod schema, for YAML and modules alike.

import { z } from 'zod';
import { text } from './values.ts';

const DATE_TEXT = 'a date such as 2027-01-31';

const date = z
  .union(
    [z.string(), z.date().transform((day) => (Number.isNaN(day.getTime()) ? '' : day.toISOString().slice(0, 10)))],
    { error: DATE_TEXT },
  )
  .refine(isDate, { error: DATE_TEXT });

const acceptSchema = z.strictObject({
  finding: z.string().regex(/^[a-z][a-z0-9-]*\/[a-z][a-z0-9-]*$/, { error: 'checker/class, such as parity/lost' }),
  agent: text.optional().meta({ description: 'Only for this agent' }),
  until: date.meta({ description: 'Last day on which it is accepted' }),
  why: text,
});

/** A larsen.config. */
export const configSchema = z.strictObject({
  plugins: z.array(text).default([]).meta({ description: 'Plugin modules, .mjs or .ts, relative to this file' }),
  scenarios: z.array(text).default([]).meta({ description: 'Folders with scenario files' }),
  agents: z.array(text).default([]).meta({ description: 'Folders with agent files' }),
  images: z.record(z.string(), text).default({}).meta({ description: 'Images to use in place of others, for mirrors' }),
  accept: z.array(acceptSchema).default([]).meta({ description: 'Findings that are known and accepted until a day' }),
});

/** larsen.config as a file says it. */
export type ConfigInput = z.input<typeof configSchema>;

/** A parsed larsen.config; paths as written. */
export type Config = z.output<typeof configSchema>;

/** Whether the text is a day of the calendar, as `YYYY-MM-DD`. */
function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}
