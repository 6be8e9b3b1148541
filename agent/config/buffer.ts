// The section of a buffer: the top-level one holds for every output, an output's own one changes parts of it.

import { z } from 'zod';
import { duration, HOUR_MS, KIB, MIB, size } from './fields.ts';

const type = z.enum(['memory', 'disk']);
const memoryMax = size({ min: 4 * MIB, max: 64 * 1024 * MIB });
const policy = z.enum(['block', 'drop-oldest', 'drop-newest']);
const diskMax = size({ min: 4 * MIB, max: 1024 * 1024 * MIB });
const segmentMax = size({ min: 64 * KIB, max: 1024 * MIB });
const fsync = z.enum(['batch', 'interval', 'never']);
const fsyncInterval = duration({ minMs: 10, maxMs: HOUR_MS });

/** `buffer`. */
export const bufferSection = z
  .strictObject({
    type: type.default('memory'),
    memoryMax: memoryMax.prefault('64MiB'),
    policy: policy.default('drop-oldest'),
    /** A folder of its own; each output has one in it, by its name. */
    path: z.string().startsWith('/', 'Expected an absolute path').optional(),
    diskMax: diskMax.prefault('1GiB'),
    segmentMax: segmentMax.prefault('8MiB'),
    fsync: fsync.default('interval'),
    fsyncInterval: fsyncInterval.prefault('1s'),
    liveFirst: z.boolean().default(false),
  })
  .refine(({ type: kind, path }) => kind === 'memory' || path !== undefined, {
    path: ['path'],
    error: 'Expected a folder for the disk buffer, such as /var/lib/larsen-agent',
  });

/** `outputs[].buffer`: what is left out is as in `buffer`. */
export const outputBuffer = z.strictObject({
  type: type.optional(),
  memoryMax: memoryMax.optional(),
  policy: policy.optional(),
  diskMax: diskMax.optional(),
  segmentMax: segmentMax.optional(),
  fsync: fsync.optional(),
  fsyncInterval: fsyncInterval.optional(),
  liveFirst: z.boolean().optional(),
});

/** The settings of one output's buffer. */
export type BufferSettings = z.infer<typeof bufferSection>;

/** An output's own settings on top of those for all. */
export function mergeBuffer(all: BufferSettings, own: z.infer<typeof outputBuffer>): BufferSettings {
  const given = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined));
  return { ...all, ...given };
}
