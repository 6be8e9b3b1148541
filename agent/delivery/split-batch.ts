// Takes a refused batch apart into two of about half the size, in order. Works on the sealed bytes: the entries are not
// kept in any other form.

import { readFields, varintSize, writeVarint } from '../codec/protobuf.ts';
import { compressedMax, compressTo, writePreamble } from '../codec/snappy-compress.ts';
import { decompress } from '../codec/snappy-decompress.ts';
import type { Batch, BatchPart } from '../model.ts';

/** One half under construction: streams with their label field and entries. */
interface Half {
  streams: { label: Uint8Array; entries: Uint8Array[] }[];
  parts: BatchPart[];
  entries: number;
}

/** The two halves of a batch; `undefined` if it holds one entry and cannot be split. */
export function splitBatch(batch: Batch): [Batch, Batch] | undefined {
  if (batch.entries < 2) return undefined;
  const bytes = decompress(batch.bytes, batch.decodedBytes);
  const first: Half = { streams: [], parts: [], entries: 0 };
  const second: Half = { streams: [], parts: [], entries: 0 };
  let seen = 0;
  let index = 0;
  for (const stream of readFields(bytes, 0, bytes.length)) {
    const part = batch.parts[index++] as BatchPart;
    let label = new Uint8Array(0);
    for (const field of readFields(bytes, stream.start, stream.end)) {
      if (field.number === 1) {
        label = bytes.slice(stream.start, field.end);
        continue;
      }
      // By bytes, but each half gets at least one entry.
      const isFirst =
        first.entries === 0 ||
        (seen < bytes.length / 2 && first.entries + second.entries < batch.entries - 1 && second.entries === 0);
      addEntry(isFirst ? first : second, part, label, bytes.subarray(field.start, field.end));
      seen = field.end;
    }
  }
  return [encode(first, batch), encode(second, batch)];
}

function addEntry(half: Half, part: BatchPart, label: Uint8Array, entry: Uint8Array): void {
  let last = half.parts.at(-1);
  if (last === undefined || last.labels !== part.labels) {
    last = { ...part, entries: 0 };
    half.parts.push(last);
    half.streams.push({ label, entries: [] });
  }
  last.entries++;
  half.entries++;
  half.streams.at(-1)?.entries.push(entry);
}

function encode(half: Half, batch: Batch): Batch {
  const sizes = half.streams.map((stream) =>
    stream.entries.reduce((sum, entry) => sum + fieldSize(entry.length), stream.label.length),
  );
  const decoded = sizes.reduce((sum, size) => sum + fieldSize(size), 0);
  const memory = new Uint8Array(decoded + compressedMax(decoded) + 16);
  let at = 0;
  half.streams.forEach((stream, i) => {
    at = writeHeader(memory, at, 0x0a, sizes[i] as number);
    memory.set(stream.label, at);
    at += stream.label.length;
    for (const entry of stream.entries) {
      at = writeHeader(memory, at, 0x12, entry.length);
      memory.set(entry, at);
      at += entry.length;
    }
  });
  const view = new DataView(memory.buffer);
  const end = compressTo(memory, view, { start: 0, end: decoded }, writePreamble(memory, decoded, decoded));
  const bytes = memory.slice(decoded, end);
  return {
    ...batch,
    bytes,
    capacityBytes: bytes.length,
    decodedBytes: decoded,
    entries: half.entries,
    parts: half.parts,
    attempts: 0,
    throttled: 0,
    share: undefined,
  };
}

function fieldSize(length: number): number {
  return 1 + varintSize(length) + length;
}

function writeHeader(bytes: Uint8Array, position: number, key: number, length: number): number {
  bytes[position] = key;
  return writeVarint(bytes, position + 1, length);
}
