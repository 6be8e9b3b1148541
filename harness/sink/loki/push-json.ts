// Decodes JSON pushes. The two shapes are told apart by path, as Loki does: `values` with nanoseconds as text on
// /loki/api/v1/push, `entries` with RFC 3339 times on /api/prom/push. Loki's own parser is hand-made and lax in one
// place, odd in another; its texts for wrong types are kept, because agents match on them.

import { toUSVString } from 'node:util';
import { formatLabels, sortLabels } from './labels.ts';
import { type Metadata, NO_METADATA, type PushedEntry, type PushedStream } from './push-request.ts';
import { Refusal } from './refusal.ts';
import { parseRfc3339 } from './time.ts';

/** The JSON shapes. */
export type JsonShape = 'v1' | 'legacy';

const NOT_A_STRING = `Value is string, but can't find closing '"' symbol`;
const NOT_A_NUMBER = `Value looks like Number/Boolean/None, but can't find its end: ',' or '}' symbol`;
const NOT_AN_OBJECT = `Value looks like object, but can't find closing '}' symbol`;

/** The streams of a JSON body. Throws a Refusal (400). */
export function decodePushJson(body: Buffer, shape: JsonShape): PushedStream[] {
  const streams = parseStreams(body);
  const texts: string[] = [];
  const decoded = streams.map((stream) =>
    shape === 'v1' ? decodeV1Stream(stream, texts) : decodeLegacyStream(stream, texts),
  );
  encodeLines(decoded, texts);
  return decoded;
}

function parseStreams(body: Buffer): Record<string, unknown>[] {
  let root: unknown;
  try {
    root = JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw new Refusal(400, `couldn't read JSON: ${(error as Error).message}`);
  }
  const streams = isObject(root) ? root.streams : undefined;
  if (streams === undefined || streams === null) return [];
  if (!Array.isArray(streams) || !streams.every(isObject)) throw new Refusal(400, NOT_AN_OBJECT);
  return streams;
}

function decodeV1Stream({ stream, values }: Record<string, unknown>, texts: string[]): PushedStream {
  if (stream !== undefined && stream !== null && !isObject(stream)) throw new Refusal(400, NOT_AN_OBJECT);
  const labels = Object.entries(stream ?? {}).map(([name, value]) => [name, labelText(value)] as const);
  if (values !== undefined && values !== null && !Array.isArray(values)) throw new Refusal(400, NOT_A_STRING);
  const entries: PushedEntry[] = [];
  for (const value of (values ?? []) as unknown[]) {
    if (value !== null) entries.push(decodeV1Entry(value, texts));
  }
  return { labels: formatLabels(sortLabels(labels)), entries };
}

function decodeV1Entry(value: unknown, texts: string[]): PushedEntry {
  if (!Array.isArray(value)) throw new Refusal(400, NOT_A_STRING);
  const [time, line = '', metadata] = value as unknown[];
  if (typeof time !== 'string' || typeof line !== 'string') throw new Refusal(400, NOT_A_STRING);
  if (!/^-?\d{1,19}$/.test(time) || !isWellFormed(line)) throw new Refusal(400, NOT_A_NUMBER);
  const tsNs = BigInt(time);
  if (tsNs !== BigInt.asIntN(64, tsNs)) throw new Refusal(400, NOT_A_NUMBER);
  texts.push(line);
  return { tsNs, line: UNSET, metadata: decodeMetadata(metadata) };
}

function decodeMetadata(metadata: unknown): Metadata {
  if (metadata === undefined) return NO_METADATA;
  if (!isObject(metadata)) throw new Refusal(400, NOT_AN_OBJECT);
  return Object.entries(metadata).map(([name, value]) => {
    if (typeof value !== 'string') throw new Refusal(400, NOT_A_STRING);
    if (!isWellFormed(value)) throw new Refusal(400, NOT_A_NUMBER);
    return [name, value] as const;
  });
}

function decodeLegacyStream({ labels, entries }: Record<string, unknown>, texts: string[]): PushedStream {
  if (labels !== undefined && typeof labels !== 'string') throw new Refusal(400, wrongType('labels', 'string'));
  if (entries !== undefined && entries !== null && !Array.isArray(entries)) {
    throw new Refusal(400, wrongType('entries', 'array'));
  }
  const decoded: PushedEntry[] = [];
  for (const entry of (entries ?? []) as unknown[]) {
    if (!isObject(entry)) throw new Refusal(400, wrongType('entries', 'object'));
    const { ts = '', line = '' } = entry;
    if (typeof line !== 'string') throw new Refusal(400, wrongType('line', 'string'));
    const tsNs = typeof ts === 'string' ? parseRfc3339(ts) : null;
    if (tsNs === null)
      throw new Refusal(
        400,
        `parsing time ${JSON.stringify(ts)} as "2006-01-02T15:04:05.999999999Z07:00": cannot parse`,
      );
    texts.push(line);
    decoded.push({ tsNs, line: UNSET, metadata: NO_METADATA });
  }
  return { labels: labels ?? '', entries: decoded };
}

function wrongType(field: string, expected: string): string {
  return `json: cannot unmarshal field ${field} of the push request: expected ${expected}`;
}

const UNSET = Buffer.alloc(0);

/** Writes all lines into one block and gives each entry its view of it. */
function encodeLines(streams: PushedStream[], texts: string[]): void {
  let size = 0;
  for (const text of texts) size += Buffer.byteLength(text);
  const block = Buffer.allocUnsafeSlow(size);
  let at = 0;
  let index = 0;
  for (const stream of streams) {
    for (const entry of stream.entries) {
      const end = at + block.write(texts[index++]!, at);
      entry.line = block.subarray(at, end);
      at = end;
    }
  }
}

/** Numbers and booleans are taken as their text. */
function labelText(value: unknown): string {
  if (typeof value === 'string') return toUSVString(value);
  if (isObject(value) || Array.isArray(value)) throw new Refusal(400, NOT_A_STRING);
  return String(value);
}

/** Whether no half of a surrogate pair stands alone: such an escape fails the whole request. */
function isWellFormed(text: string): boolean {
  return toUSVString(text) === text;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
