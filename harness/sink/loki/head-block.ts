// What a stream of 3.7 still recognises as a duplicate: its last line, and the entries of the head block, which is
// cut once it holds 262,144 uncompressed bytes. What was cut is forgotten, so that an older resend is stored twice.

import { crc32 } from 'node:zlib';
import type { Metadata, PushedEntry } from './push-request.ts';
import type { EntryColumns } from './stream-store.ts';

/** Bytes after which a head block is cut: `ingester.chunk_block_size`. */
export const HEAD_BLOCK_BYTES = 262_144;

/** Remembers the entries of the current head block by time and line. */
export interface HeadBlock {
  /** Whether the entry is a duplicate of one still remembered. `key`: of `headKey`. */
  holds(key: number, entry: PushedEntry): boolean;
  /** Notes the entry with number `index`, stored just now. */
  add(key: number, index: number): void;
}

/** 32 bits of time and line; equal keys are compared in full. */
export function headKey({ tsNs, line }: PushedEntry): number {
  return crc32(line, Number(BigInt.asUintN(32, tsNs)));
}

/** An empty head block over the columns of its stream. */
export function createHeadBlock(columns: EntryColumns): HeadBlock {
  let bytes = 0;
  // Nearly every key has one entry: no list is made for it.
  const candidates = new Map<number, number | number[]>();
  const isSame = (index: number, { tsNs, line, metadata }: PushedEntry): boolean =>
    columns.time(index) === tsNs &&
    columns.lineBytes(index) === line.length &&
    columns.line(index).equals(line) &&
    sameMetadata(columns.metadata(index), metadata);

  return {
    holds(key, entry) {
      if (columns.count > 0 && isSame(columns.count - 1, entry)) return true;
      const known = candidates.get(key);
      if (known === undefined) return false;
      return typeof known === 'number' ? isSame(known, entry) : known.some((index) => isSame(index, entry));
    },
    add(key, index) {
      const known = candidates.get(key);
      if (known === undefined) candidates.set(key, index);
      else if (typeof known === 'number') candidates.set(key, [known, index]);
      else known.push(index);
      bytes += columns.lineBytes(index) + columns.metadata(index).length * 8;
      if (bytes < HEAD_BLOCK_BYTES) return;
      bytes = 0;
      candidates.clear();
    },
  };
}

function sameMetadata(a: Metadata, b: Metadata): boolean {
  return (
    a === b || (a.length === b.length && a.every(([name, value], at) => name === b[at]![0] && value === b[at]![1]))
  );
}
