// The fields that sections of the config are made of: sizes, durations, addresses, names.

import { z } from 'zod';
import { parseDuration, parseSize } from './units.ts';

export const KIB = 1024;
export const MIB = 1_048_576;
export const HOUR_MS = 3_600_000;

/** A size in bytes, within bounds. */
export function size(bounds: { min: number; max: number }) {
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
export function duration(bounds: { minMs: number; maxMs: number }) {
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

const PORT_TEXT = 'Expected a port from 0 to 65535';

function hasPort(address: string): boolean {
  return Number(address.slice(address.lastIndexOf(':') + 1)) <= 65_535;
}

/** Where a stream socket listens or connects to. */
export const streamUrl = z
  .string()
  .regex(/^(unix:\/\/\/.+|tcp:\/\/.+:\d{1,5})$/, {
    error: 'Expected `unix:///path` or `tcp://host:port`',
    abort: true,
  })
  .refine((url) => url.startsWith('unix:') || hasPort(url), PORT_TEXT);

/** Where messages are listened for, one by one or as a stream. */
export const datagramOrStreamUrl = z
  .string()
  .regex(/^((unix|unixgram):\/\/\/.+|(tcp|udp):\/\/.+:\d{1,5})$/, {
    error: 'Expected `udp://host:port`, `tcp://host:port`, `unix:///path` or `unixgram:///path`',
    abort: true,
  })
  .refine((url) => url.startsWith('unix') || hasPort(url), PORT_TEXT);

/** The base URL of a receiver that speaks HTTP. */
export const httpUrl = z.url({ protocol: /^https?$/, error: 'Expected a URL such as http://loki:3100' });

/** Where the agent's own pages are served. */
export const listen = z
  .string()
  .regex(/^.+:\d{1,5}$/, { error: 'Expected `host:port`, such as 127.0.0.1:9600', abort: true })
  .refine(hasPort, PORT_TEXT);

/** The name of a label. */
export const labelName = z
  .string()
  .regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/, 'Expected a label name: letters, digits and _, no digit first');

/** Mode of a socket file. */
export const socketMode = z
  .string()
  .regex(/^0?[0-7]{3}$/, 'Expected an octal mode such as "0660"')
  .transform((text) => Number.parseInt(text, 8));

/** PEM files of a TLS listener. */
export const tlsFiles = z.strictObject({
  cert: z.string().min(1),
  key: z.string().min(1),
  /** Clients must show a certificate that this one signed. */
  clientCa: z.string().min(1).optional(),
});
