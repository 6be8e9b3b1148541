// What every output has that speaks HTTP: where to, as whom, and whom to trust.

import { z } from 'zod';
import { httpUrl } from './fields.ts';

/** Whom to trust as the far end. */
export const clientTls = z
  .strictObject({
    /** PEM file of the authority that signed the far end's certificate; the system's own unless set. */
    ca: z.string().min(1).optional(),
    /** Trusts anybody: for a test only. */
    insecureSkipVerify: z.boolean().default(false),
  })
  .optional();

/** Keys of the sections of outputs that speak HTTP. */
export const httpKeys = {
  url: httpUrl,
  headers: z.record(z.string(), z.string()).default({}),
  basicAuth: z.strictObject({ username: z.string(), password: z.string() }).optional(),
  bearerToken: z.string().min(1).optional(),
  tls: clientTls,
};
