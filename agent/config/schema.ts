// The config file's shape, with every default. Unknown keys are errors. Inside the agent sizes are bytes and durations
// milliseconds; in the file they are written as 4MiB and 250ms.

import { z } from 'zod';
import { parseDuration, parseSize } from './units.ts';

/** A size in bytes, within bounds. */
function size(bounds: { min: number; max: number }) {
  return z.union([z.string(), z.number()]).transform((text, context) => {
    const bytes = parseSize(text);
    if (bytes !== undefined && bytes >= bounds.min && bytes <= bounds.max) return bytes;
    context.addIssue({
      code: 'custom',
      message: `Expected a size from ${bounds.min} to ${bounds.max} bytes, such as 4MiB, got ${JSON.stringify(text)}`,
    });
    return z.NEVER;
  });
}

/** A duration in milliseconds, within bounds. */
function duration(bounds: { minMs: number; maxMs: number }) {
  return z.string().transform((text, context) => {
    const ms = parseDuration(text);
    if (ms !== undefined && ms >= bounds.minMs && ms <= bounds.maxMs) return ms;
    context.addIssue({
      code: 'custom',
      message: `Expected a duration from ${bounds.minMs}ms to ${bounds.maxMs}ms, such as 250ms or 10s, got ${JSON.stringify(text)}`,
    });
    return z.NEVER;
  });
}

const KIB = 1024;
const MIB = 1_048_576;
const HOUR_MS = 3_600_000;

const PORT_TEXT = 'Expected a port from 0 to 65535';

function hasPort(address: string): boolean {
  return Number(address.slice(address.lastIndexOf(':') + 1)) <= 65_535;
}

const forwardUrl = z
  .string()
  .regex(/^(unix:\/\/\/.+|tcp:\/\/.+:\d{1,5})$/, {
    error: 'Expected `unix:///path` or `tcp://host:port`',
    abort: true,
  })
  .refine((url) => url.startsWith('unix:') || hasPort(url), PORT_TEXT);
const sinkUrl = z.url({ protocol: /^https?$/, error: 'Expected a URL such as http://loki:3100' });
const listen = z
  .string()
  .regex(/^.+:\d{1,5}$/, { error: 'Expected `host:port`, such as 127.0.0.1:9600', abort: true })
  .refine(hasPort, PORT_TEXT);
const labelName = z
  .string()
  .regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/, 'Expected a label name: letters, digits and _, no digit first');

const forwardInput = z.strictObject({
  type: z.literal('forward'),
  url: forwardUrl,
  /** Mode of the socket file; dockerd is root, other senders need 0666 or a group. */
  socketMode: z
    .string()
    .regex(/^0?[0-7]{3}$/, 'Expected an octal mode such as "0660"')
    .optional(),
  messageMax: size({ min: 64 * KIB, max: 256 * MIB }).prefault('8MiB'),
  decompressedMax: size({ min: 64 * KIB, max: 512 * MIB }).prefault('32MiB'),
  connectionsMax: z.int().min(1).max(100_000).default(1024),
});

const lokiOutput = z.strictObject({
  type: z.literal('loki'),
  url: sinkUrl,
  tenant: z.string().min(1).optional(),
  headers: z.record(z.string(), z.string()).default({}),
  timeout: duration({ minMs: 10, maxMs: HOUR_MS }).prefault('10s'),
  inFlightMax: z.int().min(1).max(64).default(1),
  retry: z
    .strictObject({
      min: duration({ minMs: 1, maxMs: HOUR_MS }).prefault('250ms'),
      max: duration({ minMs: 1, maxMs: HOUR_MS }).prefault('5s'),
      blocked: duration({ minMs: 1, maxMs: HOUR_MS }).prefault('30s'),
    })
    .prefault({}),
});

/** The schema of the whole file. */
export const configSchema = z
  .strictObject({
    inputs: z.array(forwardInput).min(1),
    outputs: z.array(lokiOutput).length(1, 'Expected exactly one output; several come with a later version'),
    http: z.strictObject({ listen }).optional(),
    labels: z
      .strictObject({
        app: z.enum(['tag', 'container-name']).default('tag'),
        /** The host's name unless set. */
        instance: z.string().min(1).max(512).optional(),
        static: z.record(labelName, z.string().max(1024)).default({}),
        streamsMax: z.int().min(1).max(100_000).default(1000),
      })
      .prefault({}),
    buffer: z
      .strictObject({
        memoryMax: size({ min: 4 * MIB, max: 64 * 1024 * MIB }).prefault('64MiB'),
        policy: z.enum(['block', 'drop-oldest', 'drop-newest']).default('drop-oldest'),
      })
      .prefault({}),
    batch: z
      .strictObject({
        decodedMax: size({ min: 64 * KIB, max: 64 * MIB }).prefault('1MiB'),
        encodedMax: size({ min: 16 * KIB, max: 64 * MIB }).prefault('1MiB'),
        entriesMax: z.int().min(1).max(1_000_000).default(20_000),
        ageMax: duration({ minMs: 1, maxMs: HOUR_MS }).prefault('1s'),
      })
      .prefault({}),
    lineMax: size({ min: 1 * KIB, max: 32 * MIB }).prefault('255KiB'),
    lineOver: z.enum(['split', 'truncate', 'drop']).default('split'),
    partials: z
      .strictObject({
        sizeMax: size({ min: 16 * KIB, max: 256 * MIB }).prefault('1MiB'),
        totalMax: size({ min: 16 * KIB, max: 1024 * MIB }).prefault('16MiB'),
        openMax: z.int().min(1).max(10_000).default(256),
        timeout: duration({ minMs: 100, maxMs: HOUR_MS }).prefault('5s'),
      })
      .prefault({}),
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
  });

/** A config with all defaults filled in; sizes in bytes, durations in milliseconds. */
export type AgentConfig = z.infer<typeof configSchema>;
