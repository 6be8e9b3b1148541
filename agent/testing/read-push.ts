// Reads a push back with a decompressor that is not ours (napi snappy) and a protobuf reader that shares no code with the
// writer: what this reads is what Loki would read.

import { uncompressSync } from 'snappy';

/** One entry of a push. */
export interface PushedEntry {
  labels: string;
  ns: bigint;
  line: Buffer;
  /** Where it has any. */
  metadata?: Record<string, string>;
}

/** All entries of a push, in order. */
export function readPush(body: Uint8Array): PushedEntry[] {
  const bytes = uncompressSync(Buffer.from(body)) as Buffer;
  const entries: PushedEntry[] = [];
  for (const stream of fields(bytes)) {
    if (stream.number !== 1) throw new Error(`field ${stream.number} in PushRequest`);
    let labels = '';
    for (const field of fields(stream.data)) {
      if (field.number === 1) labels = field.data.toString();
      else if (field.number === 2) entries.push({ labels, ...readEntry(field.data) });
      else throw new Error(`field ${field.number} in StreamAdapter`);
    }
  }
  return entries;
}

/** The lines of a push as text. */
export function readLines(body: Uint8Array): string[] {
  return readPush(body).map((entry) => entry.line.toString());
}

function readEntry(bytes: Buffer): Omit<PushedEntry, 'labels'> {
  const entry: Omit<PushedEntry, 'labels'> = { ns: 0n, line: Buffer.alloc(0) };
  for (const field of fields(bytes)) {
    if (field.number === 2) entry.line = Buffer.from(field.data);
    else if (field.number === 1)
      for (const part of fields(field.data)) entry.ns += part.value * (part.number === 1 ? 1_000_000_000n : 1n);
    else if (field.number === 3) {
      const [name, value] = [...fields(field.data)].map(({ data }) => data.toString());
      entry.metadata = { ...entry.metadata, [name as string]: value as string };
    } else throw new Error(`field ${field.number} in EntryAdapter`);
  }
  return entry;
}

function* fields(bytes: Buffer): Generator<{ number: number; value: bigint; data: Buffer }> {
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++];
      if (byte === undefined) throw new Error('varint is cut short');
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < bytes.length) {
    const key = varint();
    const number = Number(key >> 3n);
    const value = varint();
    if ((key & 7n) === 0n) yield { number, value, data: Buffer.alloc(0) };
    else {
      if (at + Number(value) > bytes.length) throw new Error('field is cut short');
      yield { number, value, data: bytes.subarray(at, at + Number(value)) };
      at += Number(value);
    }
  }
}
