// What a stream of 3.7 still recognises as a duplicate: its last line, and the entries of the head block, which is
// cut once it holds 262,144 uncompressed bytes. What was cut is forgotten, so that an older resend is stored twice.

import { crc32 } from 'node:zlib';
import type { Metadata } from './push-request.ts';
import type { EntryColumns } from './stream-store.ts';

/** Bytes after which a head block is cut: `ingester.chunk_block_size`. */
export const HEAD_BLOCK_BYTES = 262_144;

/** Remembers the entries of the current head block by time and line. */
export interface HeadBlock {
  /** Whether the entry is a duplicate of one still remembered. */
  holds(tsNs: bigint, line: Buffer, metadata: Metadata): boolean;
  /** Notes the entry with number `index`, stored just now. */
  add(index: number): void;
}

/** An empty head block over the columns of its stream. */
export function createHeadBlock(columns: EntryColumns): HeadBlock {
  let bytes = 0;
  const candidates = new Map<number, number[]>();
  const isSame = (index: number, tsNs: bigint, line: Buffer, metadata: Metadata): boolean =>
    columns.time(index) === tsNs &&
    columns.lineBytes(index) === line.length &&
    columns.line(index).equals(line) &&
    sameMetadata(columns.metadata(index), metadata);

  return {
    holds(tsNs, line, metadata) {
      if (columns.count > 0 && isSame(columns.count - 1, tsNs, line, metadata)) return true;
      return candidates.get(keyOf(tsNs, line))?.some((index) => isSame(index, tsNs, line, metadata)) ?? false;
    },
    add(index) {
      const line = columns.line(index);
      const key = keyOf(columns.time(index), line);
      const known = candidates.get(key);
      if (known) known.push(index);
      else candidates.set(key, [index]);
      bytes += line.length + columns.metadata(index).length * 8;
      if (bytes < HEAD_BLOCK_BYTES) return;
      bytes = 0;
      candidates.clear();
    },
  };
}

/** 32 bits of time and line; equal keys are compared in full. */
function keyOf(tsNs: bigint, line: Buffer): number {
  return crc32(line, Number(BigInt.asUintN(32, tsNs)));
}

function sameMetadata(a: Metadata, b: Metadata): boolean {
  return (
    a === b || (a.length === b.length && a.every(([name, value], at) => name === b[at]![0] && value === b[at]![1]))
  );
}
