// Which entries a query finds: those of the matching streams within a time range, in order, up to a limit across
// all streams; and how many there are, which counts duplicates that listing hides.

import type { Labels } from './labels.ts';
import type { MetricQuery } from './logql.ts';
import type { LogSelector } from './selector.ts';
import type { StoredStream } from './streams.ts';

/** A found entry: a stream and the entry's number in it. */
export interface FoundEntry {
  stream: StoredStream;
  index: number;
}

/** From `fromNs` (included) to `toNs` (excluded), up to `limit` entries. */
export interface LogRange {
  selector: LogSelector;
  fromNs: bigint;
  toNs: bigint;
  limit: number;
  forward: boolean;
  /** Equal entries of one stream are listed once, as Loki's querier does when it merges. */
  hidesDuplicates: boolean;
}

/** The entries of a log query, in its direction. */
export function listEntries(streams: Iterable<StoredStream>, range: LogRange): FoundEntry[] {
  const found: FoundEntry[] = [];
  for (const stream of streams) {
    if (range.selector.matches(stream.labels)) listStream(stream, range, found);
  }
  const sign = range.forward ? 1 : -1;
  found.sort((a, b) => {
    const left = a.stream.entries.time(a.index);
    const right = b.stream.entries.time(b.index);
    return left < right ? -sign : left > right ? sign : 0;
  });
  return found.slice(0, range.limit);
}

function listStream(stream: StoredStream, range: LogRange, found: FoundEntry[]): void {
  const { entries } = stream;
  const first = entries.rankOf(range.fromNs);
  const last = entries.rankOf(range.toNs) - 1;
  const step = range.forward ? 1 : -1;
  const run = { tsNs: null as bigint | null, texts: new Set<string>() };
  let taken = 0;
  for (let rank = range.forward ? first : last; rank >= first && rank <= last && taken < range.limit; rank += step) {
    const index = entries.ordered(rank);
    if (!passes(range.selector, entries.line(index))) continue;
    if (range.hidesDuplicates && isRepeated(stream, index, run, { rank, step, first, last })) continue;
    found.push({ stream, index });
    taken++;
  }
}

/** Whether an equal entry of the same time came just before; texts are kept only where times repeat. */
function isRepeated(
  { entries }: StoredStream,
  index: number,
  run: { tsNs: bigint | null; texts: Set<string> },
  { rank, step, first, last }: { rank: number; step: number; first: number; last: number },
): boolean {
  const tsNs = entries.time(index);
  if (run.tsNs !== tsNs) {
    run.tsNs = tsNs;
    run.texts.clear();
    const next = rank + step;
    if (next < first || next > last || entries.time(entries.ordered(next)) !== tsNs) return false;
  }
  const text = `${entries.line(index).toString('latin1')}\0${JSON.stringify(entries.metadata(index))}`;
  if (run.texts.has(text)) return true;
  run.texts.add(text);
  return false;
}

/** One result of a metric query. */
export interface Count {
  labels: Labels;
  value: number;
}

/** Evaluates a metric query at `atNs`: the range is (at − range, at]. Streams without entries in it give nothing. */
export function countEntries(streams: Iterable<StoredStream>, query: MetricQuery, atNs: bigint): Count[] {
  const groups = new Map<string, Count>();
  for (const stream of streams) {
    if (!query.selector.matches(stream.labels)) continue;
    const value = countStream(stream, query, atNs);
    if (value === null) continue;
    const { sumBy } = query;
    const labels = sumBy === null ? stream.labels : stream.labels.filter(([name]) => sumBy.includes(name));
    const key = JSON.stringify(labels);
    const group = groups.get(key);
    if (group) group.value += value;
    else groups.set(key, { labels, value });
  }
  return [...groups.values()];
}

function countStream(
  { entries }: StoredStream,
  { selector, counts, rangeNs }: MetricQuery,
  atNs: bigint,
): number | null {
  const first = entries.rankOf(atNs - rangeNs + 1n);
  const end = entries.rankOf(atNs + 1n);
  if (first === end) return null;
  if (counts === 'entries' && selector.filters.length === 0) return end - first;
  let value = 0;
  let matched = 0;
  for (let rank = first; rank < end; rank++) {
    const index = entries.ordered(rank);
    if (!passes(selector, entries.line(index))) continue;
    matched++;
    value += counts === 'bytes' ? entries.lineBytes(index) : 1;
  }
  return matched === 0 ? null : value;
}

function passes({ filters }: LogSelector, line: Buffer): boolean {
  if (filters.length === 0) return true;
  const text = line.toString('utf8');
  return filters.every((filter) => filter(text));
}

/** What the index knows of the matching streams in a window. */
export interface FlushedSums {
  streams: number;
  chunks: number;
  entries: number;
  bytes: number;
}

/** Adds up what was flushed; approximate at the edges of a chunk with Loki, exact here. */
export function sumFlushed(
  streams: Iterable<StoredStream>,
  selector: LogSelector,
  { fromNs, toNs }: { fromNs: bigint; toNs: bigint },
): FlushedSums {
  const sums = { streams: 0, chunks: 0, entries: 0, bytes: 0 };
  for (const { labels, entries, flushed } of streams) {
    if (flushed.chunks === 0 || !selector.matches(labels)) continue;
    let count = 0;
    for (let index = 0; index < flushed.entries; index++) {
      const atNs = entries.time(index);
      if (atNs < fromNs || atNs >= toNs) continue;
      count++;
      sums.bytes += entries.lineBytes(index);
    }
    if (count === 0) continue;
    sums.streams++;
    sums.chunks += flushed.chunks;
    sums.entries += count;
  }
  return sums;
}
