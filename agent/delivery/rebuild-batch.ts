// Batches made of the entries of another one: halves, the entries that a receiver has not taken, lines cut shorter. Works on
// the sealed bytes, since the entries are not kept in any other form.

import { readFields, varintSize, writeVarint } from '../codec/protobuf.ts';
import { compressedMax, compressTo, writePreamble } from '../codec/snappy-compress.ts';
import { decompress } from '../codec/snappy-decompress.ts';
import type { Batch, BatchPart } from '../model.ts';

/** An entry of a batch, encoded. */
export interface RawEntry {
  /** The share of its stream in the batch. */
  part: BatchPart;
  /** The protobuf field that opens its stream: `1: labels`. */
  label: Uint8Array;
  /** What stands in the field of the entry: time, line, structured metadata. */
  bytes: Uint8Array;
}

/** All entries of a batch, in order. */
export function* rawEntries(batch: Batch): Generator<RawEntry> {
  const bytes = decompress(batch.bytes, batch.decodedBytes);
  let index = 0;
  for (const stream of readFields(bytes, 0, bytes.length)) {
    const part = batch.parts[index++] as BatchPart;
    let label = new Uint8Array(0);
    for (const field of readFields(bytes, stream.start, stream.end)) {
      if (field.number === 1) label = bytes.slice(stream.start, field.end);
      else yield { part, label, bytes: bytes.subarray(field.start, field.end) };
    }
  }
}

/** A batch of these entries in place of `batch`; `undefined` if there are none. It has not been pushed yet. */
export function rebuildBatch(batch: Batch, entries: readonly RawEntry[]): Batch | undefined {
  const streams: { label: Uint8Array; entries: Uint8Array[]; part: BatchPart }[] = [];
  let of: BatchPart | undefined;
  for (const { part, label, bytes } of entries) {
    if (part !== of) streams.push({ label, entries: [], part: { ...part, entries: 0 } });
    of = part;
    const stream = streams.at(-1) as (typeof streams)[0];
    stream.entries.push(bytes);
    stream.part.entries++;
  }
  if (streams.length === 0) return undefined;
  const { bytes, decodedBytes } = encode(streams);
  return {
    ...batch,
    ...{ bytes, capacityBytes: bytes.length, decodedBytes, entries: entries.length },
    ...{ parts: streams.map(({ part }) => part), attempts: 0, throttled: 0, share: undefined },
    // A piece is not put together with others again.
    ...{ early: false, alone: true },
  };
}

function encode(streams: readonly { label: Uint8Array; entries: Uint8Array[] }[]) {
  const sizes = streams.map((stream) =>
    stream.entries.reduce((sum, entry) => sum + fieldSize(entry.length), stream.label.length),
  );
  const decodedBytes = sizes.reduce((sum, size) => sum + fieldSize(size), 0);
  const memory = new Uint8Array(decodedBytes + compressedMax(decodedBytes) + 16);
  let at = 0;
  streams.forEach((stream, i) => {
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
  const start = writePreamble(memory, decodedBytes, decodedBytes);
  const end = compressTo(memory, view, { start: 0, end: decodedBytes }, start);
  return { bytes: memory.slice(decodedBytes, end), decodedBytes };
}

function fieldSize(length: number): number {
  return 1 + varintSize(length) + length;
}

function writeHeader(bytes: Uint8Array, position: number, key: number, length: number): number {
  bytes[position] = key;
  return writeVarint(bytes, position + 1, length);
}
