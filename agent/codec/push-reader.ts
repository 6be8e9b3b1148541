// Reads a sealed batch back into its entries, for everything that does not want Loki's protobuf: other outputs, dead
// letters. This is not the hot path: an object per entry is fine here.

import { type Field, readFields, readVarint } from './protobuf.ts';
import { decompress } from './snappy-decompress.ts';

/** One entry of a batch. */
export interface PushEntry {
  /** As Loki writes them: `{app="x", service="y"}`. */
  labels: string;
  seconds: number;
  nanos: number;
  /** A view on memory of the call. */
  line: Uint8Array;
  /** Structured metadata by name, where it has any. */
  metadata?: Record<string, string>;
}

/** No batch decodes to more: config/schema.ts bounds it to 64 MiB. */
const DECODED_BYTES_MAX = 128 * 1_048_576;
const decoder = new TextDecoder();

/** All entries of a sealed batch, stream by stream. Throws a RangeError on damage. */
export function* readEntries(compressed: Uint8Array): Generator<PushEntry> {
  const bytes = decompress(compressed, DECODED_BYTES_MAX);
  for (const stream of readFields(bytes, 0, bytes.length)) {
    let labels = '';
    for (const field of readFields(bytes, stream.start, stream.end)) {
      if (field.number === 1) labels = decoder.decode(bytes.subarray(field.start, field.end));
      else yield { labels, ...readEntry(bytes, field.start, field.end) };
    }
  }
}

function readEntry(bytes: Uint8Array, start: number, end: number): Omit<PushEntry, 'labels'> {
  const entry: Omit<PushEntry, 'labels'> = { seconds: 0, nanos: 0, line: new Uint8Array(0) };
  for (const field of readFields(bytes, start, end)) {
    if (field.number === 2) entry.line = bytes.subarray(field.start, field.end);
    else if (field.number === 3) {
      entry.metadata = { ...entry.metadata, ...readPair(bytes, field) };
    } else {
      for (let at = field.start; at < field.end; ) {
        const key = readVarint(bytes, at);
        const { value, next } = readVarint(bytes, key.next);
        if (key.value >>> 3 === 1) entry.seconds = value;
        else entry.nanos = value;
        at = next;
      }
    }
  }
  return entry;
}

/** Structured metadata by name, from the bytes that stand behind a line in its entry. */
export function readMetadata(bytes: Uint8Array): Record<string, string> {
  return Object.assign({}, ...[...readFields(bytes, 0, bytes.length)].map((pair) => readPair(bytes, pair)));
}

function readPair(bytes: Uint8Array, pair: Field): Record<string, string> {
  const [name = '', value = ''] = [...readFields(bytes, pair.start, pair.end)].map(({ start, end }) =>
    decoder.decode(bytes.subarray(start, end)),
  );
  return { [name]: value };
}

/** Labels as an object; `{app="x", tag="y"}` in, `{ app: 'x', tag: 'y' }` out. */
export function parseLabels(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  for (const [, name, value] of text.matchAll(/([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"/g))
    labels[name as string] = (value as string).replace(/\\(.)/g, '$1');
  return labels;
}
