// Cuts the lines of a sealed batch that are longer than its receiver turned out to take, as the policy for long lines says.

import { type LineOver, splitLine, truncateLine } from '../codec/cut.ts';
import { readFields, varintSize, writeVarint } from '../codec/protobuf.ts';
import type { Batch, BatchPart } from '../model.ts';
import { type RawEntry, rawEntries, rebuildBatch } from './rebuild-batch.ts';

/** What is to be done with lines that are too long. */
export interface CutPolicy {
  lineOver: LineOver;
  mark: Uint8Array;
}

/** A batch without long lines. */
export interface CutBatch {
  /** What is to be pushed; `undefined` if nothing is left. */
  batch: Batch | undefined;
  /** What is given up, for `drop` and `dead-letter`. */
  dropped: Batch | undefined;
  /** Entries that came of splitting, beyond one a line. */
  added: ReadonlyMap<BatchPart, number>;
  /** Lines that were split, and those that were truncated. */
  split: number;
  truncated: number;
}

/** Cuts every line over `lineMax` bytes. */
export function cutLines(batch: Batch, lineMax: number, policy: CutPolicy): CutBatch {
  const kept: RawEntry[] = [];
  const dropped: RawEntry[] = [];
  const added = new Map<BatchPart, number>();
  let split = 0;
  let truncated = 0;
  for (const entry of rawEntries(batch)) {
    const line = lineOf(entry);
    if (line.length <= lineMax) kept.push(entry);
    else if (policy.lineOver === 'truncate') {
      kept.push(withLine(entry, truncateLine(line, lineMax, policy.mark)));
      truncated++;
    } else if (policy.lineOver === 'split') {
      const parts = splitLine(line, lineMax);
      kept.push(...parts.map((part) => withLine(entry, part)));
      added.set(entry.part, (added.get(entry.part) ?? 0) + parts.length - 1);
      split++;
    } else dropped.push(entry);
  }
  const cut = rebuildBatch(batch, kept);
  return {
    batch: cut && { ...cut, lineMax: Math.min(lineMax, batch.lineMax ?? lineMax) },
    dropped: rebuildBatch(batch, dropped),
    ...{ added, split, truncated },
  };
}

function lineOf({ bytes }: RawEntry): Uint8Array {
  for (const { number, start, end } of readFields(bytes, 0, bytes.length))
    if (number === 2) return bytes.subarray(start, end);
  return bytes.subarray(0, 0);
}

/** The entry with another line; its time and metadata stay, so that the parts of a line stay together. */
function withLine(entry: RawEntry, line: Uint8Array): RawEntry {
  const before: Uint8Array[] = [];
  const after: Uint8Array[] = [];
  let at = 0;
  for (const { number, end } of readFields(entry.bytes, 0, entry.bytes.length)) {
    if (number !== 2) (number === 1 ? before : after).push(entry.bytes.subarray(at, end));
    at = end;
  }
  const head = new Uint8Array(1 + varintSize(line.length));
  head[0] = 0x12;
  writeVarint(head, 1, line.length);
  return { ...entry, bytes: Buffer.concat([...before, head, line, ...after]) };
}
