// The config file's shape, with every default, put together from its sections. Unknown keys are errors. Inside the agent
// sizes are bytes and durations milliseconds; in the file they are written as 4MiB and 250ms.

import { z } from 'zod';
import { bufferSection } from './buffer.ts';
import { duration, HOUR_MS, KIB, listen, MIB, size } from './fields.ts';
import { inputSection } from './inputs.ts';
import { labelsSection } from './labels.ts';
import { metadataSection } from './metadata.ts';
import { outputSection } from './outputs.ts';
import { processSection } from './process.ts';

/** Memory and disk are promised per output: the sum stays in sight. */
const OUTPUTS_MAX = 16;

/** The schema of the whole file. */
export const configSchema = z
  .strictObject({
    inputs: z.array(inputSection).min(1),
    outputs: z
      .array(outputSection)
      .min(1, 'Expected at least one output')
      .max(OUTPUTS_MAX, `Expected at most ${OUTPUTS_MAX} outputs`),
    http: z.strictObject({ listen }).optional(),
    labels: labelsSection.prefault({}),
    process: processSection.prefault({}),
    metadata: metadataSection.prefault({}),
    /** Where records go that no retry brings home; then a poison record is looked for. */
    deadLetters: z
      .strictObject({
        path: z.string().startsWith('/', 'Expected an absolute path'),
        bytesMax: size({ min: 64 * KIB, max: 64 * 1024 * MIB }).prefault('64MiB'),
      })
      .optional(),
    buffer: bufferSection.prefault({}),
    batch: z
      .strictObject({
        decodedMax: size({ min: 64 * KIB, max: 64 * MIB }).prefault('1MiB'),
        encodedMax: size({ min: 16 * KIB, max: 64 * MIB }).prefault('1MiB'),
        entriesMax: z.int().min(1).max(1_000_000).default(20_000),
        ageMax: duration({ minMs: 1, maxMs: HOUR_MS }).prefault('1s'),
      })
      .prefault({}),
    lineMax: size({ min: 1 * KIB, max: 32 * MIB }).prefault('256KiB'),
    lineOver: z.enum(['split', 'truncate', 'dead-letter', 'drop']).default('split'),
    /** Stands at the end of a line that was truncated. */
    lineMark: z.string().max(200).default(' [truncated]'),
    partials: z
      .strictObject({
        sizeMax: size({ min: 16 * KIB, max: 256 * MIB }).prefault('1MiB'),
        totalMax: size({ min: 16 * KIB, max: 1024 * MIB }).prefault('16MiB'),
        openMax: z.int().min(1).max(10_000).default(256),
        timeout: duration({ minMs: 100, maxMs: HOUR_MS }).prefault('5s'),
      })
      .prefault({}),
    /** Whose lines are the agent's own: `auto` finds the container that it runs in, if any. */
    ownContainer: z
      .string()
      .regex(/^(auto|none|[0-9a-f]{12,64})$/, 'Expected `auto`, `none` or the id of a container')
      .default('auto'),
    health: z.strictObject({ stuckAfter: duration({ minMs: 100, maxMs: 24 * HOUR_MS }).prefault('30s') }).prefault({}),
    drainWithin: duration({ minMs: 100, maxMs: HOUR_MS }).prefault('10s'),
  })
  .superRefine((config, context) => {
    if (config.lineMax + KIB > config.batch.decodedMax) {
      context.addIssue({
        code: 'custom',
        path: ['lineMax'],
        message: 'Expected `lineMax` to be at least 1KiB below `batch.decodedMax`, so that a line fits into a batch',
      });
    }
    if (config.lineOver === 'dead-letter' && config.deadLetters === undefined)
      context.addIssue({
        code: 'custom',
        path: ['lineOver'],
        message: 'Expected `deadLetters.path` to be set where `lineOver` is `dead-letter`',
      });
    const { record, json } = config.metadata;
    if (
      Object.keys(record).length + Object.keys(json).length > 0 &&
      config.lineMax + 17 * KIB > config.batch.decodedMax
    )
      context.addIssue({
        code: 'custom',
        path: ['lineMax'],
        message: 'Expected `lineMax` to be at least 17KiB below `batch.decodedMax` where there is `metadata`',
      });
    for (const name of Object.keys(json))
      if (name in record)
        context.addIssue({
          code: 'custom',
          path: ['metadata', 'json', name],
          message: 'Expected a name that is not in `metadata.record` too',
        });
    if (config.buffer.path === undefined)
      for (const [i, { buffer }] of config.outputs.entries())
        if (buffer.type === 'disk')
          context.addIssue({
            code: 'custom',
            path: ['outputs', i, 'buffer', 'type'],
            message: 'Expected `buffer.path` to be set, such as /var/lib/larsen-agent',
          });
    const names = config.outputs.flatMap(({ name }) => name ?? []);
    names.forEach((name, i) => {
      if (names.indexOf(name) === i) return;
      context.addIssue({
        code: 'custom',
        path: ['outputs'],
        message: `Expected each \`name\` once, got "${name}" twice`,
      });
    });
  });

/** A config with all defaults filled in; sizes in bytes, durations in milliseconds. */
export type AgentConfig = z.infer<typeof configSchema>;

/** One whose instance is known: the host's name where the config tells none. */
export type NamedConfig = AgentConfig & { labels: { instance: string } };
