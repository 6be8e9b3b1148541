// The sections of the outputs beside Loki.

import { z } from 'zod';
import { KIB, MIB, size, streamUrl } from './fields.ts';
import { clientTls, httpKeys } from './http-output.ts';
import { outputKeys } from './output.ts';

const form = z.enum(['json', 'line']).default('json');

/** `outputs[]` with `type: forward`: a central agent, Fluentd or Fluent Bit. */
export const forwardOutput = z.strictObject({
  type: z.literal('forward'),
  url: streamUrl,
  tls: clientTls,
  security: z
    .strictObject({
      sharedKey: z.string().min(1),
      hostname: z.string().min(1).optional(),
      username: z.string().default(''),
      password: z.string().default(''),
    })
    .optional(),
  /** A batch counts as sent when the far end has acked it, not when it was written. */
  ack: z.boolean().default(true),
  ...outputKeys,
});

/** `outputs[]` with `type: elasticsearch`. */
export const elasticsearchOutput = z.strictObject({
  type: z.literal('elasticsearch'),
  ...httpKeys,
  index: z.string().min(1).default('logs'),
  ...outputKeys,
});

/** `outputs[]` with `type: splunk`: the HTTP event collector. */
export const splunkOutput = z.strictObject({
  type: z.literal('splunk'),
  ...httpKeys,
  token: z.string().min(1),
  index: z.string().min(1).optional(),
  sourcetype: z.string().min(1).optional(),
  /** Waits until the indexers say that they have it. */
  ack: z.boolean().default(false),
  ...outputKeys,
});

/** `outputs[]` with `type: gelf`: TCP, ended by NUL. */
export const gelfOutput = z.strictObject({
  type: z.literal('gelf'),
  url: streamUrl,
  tls: clientTls,
  ...outputKeys,
});

/** `outputs[]` with `type: file`. */
export const fileOutput = z.strictObject({
  type: z.literal('file'),
  path: z.string().startsWith('/', 'Expected an absolute path'),
  form,
  /** Size at which a file is rotated, and how many are kept, the one being written included. */
  bytesMax: size({ min: 64 * KIB, max: 1024 * 1024 * MIB }).prefault('64MiB'),
  filesMax: z.int().min(1).max(1000).default(4),
  ...outputKeys,
});

/** `outputs[]` with `type: stdout`. */
export const stdoutOutput = z.strictObject({ type: z.literal('stdout'), form, ...outputKeys });

/** `outputs[]` with `type: null`: takes everything and keeps nothing. */
export const nullOutput = z.strictObject({ type: z.literal('null'), ...outputKeys });
