// The section of a Forward input.

import { z } from 'zod';
import { KIB, MIB, size, socketMode, streamUrl, tlsFiles } from './fields.ts';

/** `inputs[]` with `type: forward`. */
export const forwardInput = z
  .strictObject({
    type: z.literal('forward'),
    url: streamUrl,
    /** Mode of the socket file; dockerd is root, other senders need 0666 or a group. */
    socketMode: socketMode.optional(),
    tls: tlsFiles.optional(),
    /** Who connects must know the key, and where users are named, a password. Docker's driver cannot. */
    security: z
      .strictObject({
        sharedKey: z.string().min(1).max(1024),
        users: z.record(z.string().min(1).max(256), z.string().max(1024)).default({}),
        /** The host's name unless set; must differ from the sender's. */
        hostname: z.string().min(1).max(256).optional(),
      })
      .optional(),
    /** Answers UDP heartbeats at the same port. */
    heartbeat: z.boolean().default(false),
    messageMax: size({ min: 64 * KIB, max: 256 * MIB }).prefault('8MiB'),
    decompressedMax: size({ min: 64 * KIB, max: 512 * MIB }).prefault('32MiB'),
    connectionsMax: z.int().min(1).max(100_000).default(1024),
  })
  .refine(({ url, tls }) => tls === undefined || url.startsWith('tcp:'), {
    path: ['tls'],
    message: 'Expected `tls` with a tcp:// url only',
  })
  .refine(({ url, heartbeat }) => !heartbeat || url.startsWith('tcp:'), {
    path: ['heartbeat'],
    message: 'Expected `heartbeat` with a tcp:// url only',
  });
