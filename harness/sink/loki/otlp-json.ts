// Decodes the JSON form of an OTLP push. As proto3's JSON has it, 64-bit numbers come as texts or numbers, and fields
// of the wrong type fail the whole request.

import { z } from 'zod';
import type { OtlpAttribute, OtlpRecord, OtlpResource } from './otlp-logs.ts';
import { Refusal } from './refusal.ts';

const nanoseconds = z
  .union([z.string().regex(/^\d{1,20}$/), z.int().min(0)])
  .default(0)
  .transform((value) => BigInt.asIntN(64, BigInt(value)));
const text = z.string().default('');
const value: z.ZodType<unknown> = z.lazy(() =>
  z
    .object({
      stringValue: z.string(),
      boolValue: z.boolean(),
      intValue: z.union([z.string(), z.number()]),
      doubleValue: z.number(),
      bytesValue: z.string(),
      arrayValue: z.object({ values: z.array(value).default([]) }),
      kvlistValue: z.object({ values: attributesOf(value) }),
    })
    .partial(),
);

function attributesOf(of: z.ZodType<unknown>) {
  return z.array(z.object({ key: text, value: of.optional() })).default([]);
}

const attributes = attributesOf(value);
const record = z.object({
  ...{ timeUnixNano: nanoseconds, observedTimeUnixNano: nanoseconds, severityText: text, traceId: text, spanId: text },
  ...{ severityNumber: z.union([z.int(), z.string()]).default(0), flags: z.int().default(0) },
  ...{ body: value.optional(), attributes },
});
const scope = z.object({ name: text, version: text, attributes }).default({ name: '', version: '', attributes: [] });
const request = z.object({
  resourceLogs: z
    .array(
      z.object({
        resource: z.object({ attributes }).default({ attributes: [] }),
        scopeLogs: z.array(z.object({ scope, logRecords: z.array(record).default([]) })).default([]),
      }),
    )
    .default([]),
});

/** The resources of a push. Throws a Refusal (400). */
export function decodeOtlpJson(body: Buffer): OtlpResource[] {
  let parsed: ReturnType<typeof request.safeParse>;
  try {
    parsed = request.safeParse(JSON.parse(body.toString('utf8')));
  } catch (error) {
    throw new Refusal(400, `couldn't read JSON: ${(error as Error).message}`);
  }
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new Refusal(400, `couldn't read JSON: ${issue?.path.join('.')}: ${issue?.message}`);
  }
  return parsed.data.resourceLogs.map(({ resource, scopeLogs }) => ({
    attributes: resource.attributes.map(asAttribute),
    scopes: scopeLogs.map((logs) => ({
      ...{ name: logs.scope.name, version: logs.scope.version },
      attributes: logs.scope.attributes.map(asAttribute),
      records: logs.logRecords.map(asRecord),
    })),
  }));
}

function asRecord(from: z.infer<typeof record>): OtlpRecord {
  return {
    ...{ timeNs: from.timeUnixNano, observedNs: from.observedTimeUnixNano, severityText: from.severityText },
    ...{ severityNumber: Number(from.severityNumber) || 0, flags: from.flags },
    ...{ traceId: from.traceId.toLowerCase(), spanId: from.spanId.toLowerCase() },
    body: Buffer.from(asText(from.body)),
    attributes: from.attributes.map(asAttribute),
  };
}

type Pair = { key: string; value?: unknown };

function asAttribute(pair: Pair): OtlpAttribute {
  return [pair.key, asText(pair.value)];
}

function asText(from: unknown): string {
  const plain = asPlain(from);
  return typeof plain === 'string' ? plain : JSON.stringify(plain);
}

function asPlain(from: unknown): unknown {
  const [kind, inner] = Object.entries(from ?? {})[0] ?? ['stringValue', ''];
  if (kind === 'arrayValue') return (inner as { values: unknown[] }).values.map(asPlain);
  if (kind === 'kvlistValue') {
    return Object.fromEntries((inner as { values: Pair[] }).values.map((pair) => [pair.key, asPlain(pair.value)]));
  }
  return kind === 'intValue' ? Number(inner) : inner;
}
