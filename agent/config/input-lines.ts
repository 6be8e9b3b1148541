// The sections of the inputs of single messages: syslog and GELF.

import { z } from 'zod';
import { datagramOrStreamUrl, KIB, MIB, size, socketMode, tlsFiles } from './fields.ts';

const shared = {
  url: datagramOrStreamUrl,
  socketMode: socketMode.optional(),
  tls: tlsFiles.optional(),
  connectionsMax: z.int().min(1).max(100_000).default(1024),
  /** What becomes the line: the text of a message, or all of it. */
  line: z.enum(['message', 'raw']).default('message'),
};

const tlsNeedsTcp = { path: ['tls'], message: 'Expected `tls` with a tcp:// url only' };
const hasTlsAndTcp = ({ url, tls }: { url: string; tls?: unknown }): boolean =>
  tls === undefined || url.startsWith('tcp:');

/** `inputs[]` with `type: syslog`. */
export const syslogInput = z
  .strictObject({
    type: z.literal('syslog'),
    ...shared,
    messageMax: size({ min: 1 * KIB, max: 16 * MIB }).prefault('64KiB'),
    /** The tag of a message that names no app; with `tagFrom: always`, of every message. */
    tag: z.string().min(1).max(512).default('syslog'),
    tagFrom: z.enum(['app', 'always']).default('app'),
  })
  .refine(hasTlsAndTcp, tlsNeedsTcp);

/** `inputs[]` with `type: gelf`. */
export const gelfInput = z
  .strictObject({
    type: z.literal('gelf'),
    ...shared,
    /** Of a message once unpacked. */
    messageMax: size({ min: 8 * KIB, max: 64 * MIB }).prefault('1MiB'),
    /** The tag of a message that has none; the sender's host unless set. */
    tag: z.string().min(1).max(512).optional(),
  })
  .refine(hasTlsAndTcp, tlsNeedsTcp);
