// The text form of an agent file (docs/reference.md) as a strict zod schema. load-agent.ts makes the AgentSpec.

import { z } from 'zod';
import { driverSchema, selfSchema } from './driver-schema.ts';
import { oneOf, positiveDuration, text } from './values.ts';

/** The agents an agent file can name; `none` runs a driver that delivers by itself. */
export const AGENT_KINDS = [
  'larsen-agent',
  'fluentd',
  'fluent-bit',
  'vector',
  'otelcol',
  'alloy',
  'custom',
  'none',
] as const;

const LINE_TEXT = 'auto, raw, otel, { json: key } or { logfmt: key }';
const URL_TEXT = 'a URL such as http://127.0.0.1:{http}/health';

const urlTemplate = z.string({ error: URL_TEXT }).refine(isUrlTemplate, { error: URL_TEXT });

const processSchema = z.strictObject({
  command: z
    .array(z.union([z.string(), z.number()]).transform(String), { error: 'a list: the program and its arguments' })
    .min(1, {
      error: 'a list with at least the program',
    })
    .optional(),
  env: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean()], { error: 'a text' }).transform(String))
    .optional(),
  readyWithin: positiveDuration.optional().meta({ description: 'Default 10s' }),
  drainWithin: positiveDuration.optional().meta({ description: 'Time between SIGTERM and SIGKILL. Default 15s' }),
});

const admitsSchema = z.strictObject({
  log: text
    .refine(isPattern, { error: 'a regular expression' })
    .optional()
    .meta({ description: 'What admits a loss in its own log; a group `lines` says of how many lines' }),
  deadLetters: text.optional().meta({ description: 'A file or folder; ids of lines in it are admitted' }),
});

/** An agent file. */
export const agentSchema = z
  .strictObject({
    name: text.optional().meta({ description: 'Default: the stem of the file' }),
    agent: oneOf(AGENT_KINDS),
    config: text.optional().meta({ description: 'The agent’s own config file, beside this file' }),
    process: processSchema.optional(),
    image: text.optional().meta({ description: 'docker engine: the image' }),
    build: text.optional().meta({ description: 'docker engine: a folder to build the image from' }),
    driver: driverSchema.optional().meta({ description: 'The log driver in front of it' }),
    self: selfSchema
      .optional()
      .meta({ description: 'Where its own stdout and stderr go. Default { driver: json-file }' }),
    line: z
      .union([oneOf(['auto', 'raw', 'otel']), z.strictObject({ json: text }), z.strictObject({ logfmt: text })], {
        error: LINE_TEXT,
      })
      .optional()
      .meta({ description: 'How it wraps a line. Default auto: learned' }),
    health: urlTemplate.optional(),
    metrics: urlTemplate.optional(),
    admits: admitsSchema.optional().meta({ description: 'Where it admits a loss beside its metrics' }),
  })
  .superRefine((file, context) => {
    if (file.image !== undefined && file.build !== undefined)
      context.addIssue({ code: 'custom', path: ['build'], message: 'either `image` or `build`, not both' });
    if (file.agent !== 'custom' || file.process?.command) return;
    context.addIssue({
      code: 'custom',
      path: ['process', 'command'],
      message: 'the command that starts the agent, since it is `agent: custom`',
    });
  });

/** An agent as a file says it. */
export type AgentInput = z.input<typeof agentSchema>;

/** An agent file parsed key by key. */
export type ParsedAgent = z.output<typeof agentSchema>;

function isPattern(source: string): boolean {
  try {
    new RegExp(source, 'u');
    return true;
  } catch {
    return false;
  }
}

function isUrlTemplate(template: string): boolean {
  const url = template.replaceAll(/\{[a-z]+\}/g, '1');
  return /^https?:\/\//.test(url) && URL.canParse(url);
}
