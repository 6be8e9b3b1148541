// Sorts the entries of a push that was refused in part by what the answer says of them:
//
//   stored      what the answer does not speak of
//   poison      what it names: never sent again
//   long        lines over a limit that it names: sent again, cut
//   suspects    streams of which it refuses some entries without a word on which

import { readFields, readVarint } from '../codec/protobuf.ts';
import type { Batch, BatchPart, Refusal } from '../model.ts';
import { type RawEntry, rawEntries, rebuildBatch } from './rebuild-batch.ts';

/** See the file's comment. */
export interface SortedPush {
  /** Entries stored, by their part of the batch. */
  stored: ReadonlyMap<BatchPart, number>;
  poison: { reason: string; batch: Batch }[];
  long: Batch | undefined;
  /** Bytes of a line that the receiver takes. */
  lineMax: number | undefined;
  suspects: Batch | undefined;
  /** How many of the suspects are refused, if that was said. */
  suspectsRefused: number | undefined;
}

/** One entry, and what became of it. */
interface Judged extends RawEntry {
  number: number;
  ns: bigint;
  lineBytes: number;
  hasMetadata: boolean;
  end: 'stored' | 'long' | 'suspect' | { reason: string };
}

/** Sorts a batch by the refusals of its answer. */
export function sortRefused(batch: Batch, refused: readonly Refusal[]): SortedPush {
  const entries = [...rawEntries(batch)].map(describe);
  let suspectsRefused: number | undefined = 0;
  for (const refusal of refused) {
    const stream = entries.filter(({ part }) => isOf(part.labels, refusal.labels));
    // A stream that is not ours: the receiver calls it otherwise.
    const judged = stream.length > 0 ? stream : entries;
    for (const entry of judged)
      if (isMarked(entry, refusal)) entry.end = refusal.longerThan === undefined ? { reason: refusal.reason } : 'long';
    const missing = missingOf(judged, refusal);
    if (missing === 0) continue;
    const open = judged.filter(({ end }) => end === 'stored');
    const isAll = missing !== undefined && missing >= open.length;
    for (const entry of open) entry.end = isAll ? { reason: refusal.reason } : 'suspect';
    if (!isAll && open.length > 0)
      suspectsRefused = missing === undefined || suspectsRefused === undefined ? undefined : suspectsRefused + missing;
  }
  return { ...collect(batch, entries), suspectsRefused, lineMax: lineMaxOf(refused) };
}

function collect(batch: Batch, entries: readonly Judged[]): Omit<SortedPush, 'suspectsRefused' | 'lineMax'> {
  const stored = new Map<BatchPart, number>();
  const reasons = new Map<string, Judged[]>();
  for (const entry of entries) {
    if (entry.end === 'stored') stored.set(entry.part, (stored.get(entry.part) ?? 0) + 1);
    else if (typeof entry.end === 'object')
      reasons.set(entry.end.reason, [...(reasons.get(entry.end.reason) ?? []), entry]);
  }
  const poison = [...reasons].flatMap(([reason, some]) => {
    const one = rebuildBatch(batch, some);
    return one === undefined ? [] : [{ reason, batch: one }];
  });
  const endedAs = (end: Judged['end']): Batch | undefined =>
    rebuildBatch(
      batch,
      entries.filter((entry) => entry.end === end),
    );
  return { stored, poison, long: endedAs('long'), suspects: endedAs('suspect') };
}

/** How many more entries are refused than are marked; `undefined` if nobody said. */
function missingOf(stream: readonly Judged[], refusal: Refusal): number | undefined {
  const { entries, all, at, beforeNs, longerThan, withMetadata, numbers } = refusal;
  if (entries !== undefined) {
    const marked = stream.filter((entry) => isMarked(entry, refusal)).length;
    return Math.max(0, entries - marked);
  }
  const isTold = [all, at, beforeNs, longerThan, withMetadata, numbers].some((mark) => mark !== undefined);
  return isTold ? 0 : undefined;
}

function isMarked(entry: Judged, refusal: Refusal): boolean {
  const { all, at, beforeNs, longerThan, withMetadata, numbers } = refusal;
  return (
    all === true ||
    (at?.ns.some((ns) => isSameTime(ns, entry.ns, at.precision)) ?? false) ||
    (beforeNs !== undefined && entry.ns < beforeNs) ||
    (longerThan !== undefined && entry.lineBytes > longerThan) ||
    (withMetadata === true && entry.hasMetadata) ||
    (numbers?.includes(entry.number) ?? false)
  );
}

const NS_PER_SECOND = 1_000_000_000n;

function isSameTime(a: bigint, b: bigint, precision: 'ns' | 'second'): boolean {
  return precision === 'ns' ? a === b : a / NS_PER_SECOND === b / NS_PER_SECOND;
}

/** Loki 3 adds the label `service_name` to streams that have none. */
function isOf(own: string, named: string | undefined): boolean {
  if (named === undefined || named === own) return true;
  return named.replace(/(?<=[{ ])service_name="(?:[^"\\]|\\.)*"(?:, )?/, '').replace(/, }$/, '}') === own;
}

function lineMaxOf(refused: readonly Refusal[]): number | undefined {
  const limits = refused.flatMap(({ longerThan }) => longerThan ?? []);
  return limits.length === 0 ? undefined : Math.min(...limits);
}

function describe(entry: RawEntry, number: number): Judged {
  const { bytes } = entry;
  const judged: Judged = { ...entry, number, ns: 0n, lineBytes: 0, hasMetadata: false, end: 'stored' };
  for (const field of readFields(bytes, 0, bytes.length)) {
    if (field.number === 2) judged.lineBytes = field.end - field.start;
    else if (field.number === 3) judged.hasMetadata = true;
    else judged.ns = readNs(bytes, field);
  }
  return judged;
}

function readNs(bytes: Uint8Array, { start, end }: { start: number; end: number }): bigint {
  let ns = 0n;
  for (let at = start; at < end; ) {
    const key = readVarint(bytes, at);
    const { value, next } = readVarint(bytes, key.next);
    ns += key.value >>> 3 === 1 ? BigInt(value) * NS_PER_SECOND : BigInt(value);
    at = next;
  }
  return ns;
}
