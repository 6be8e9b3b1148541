// The ingester's half of a push: streams by their labels, each with its rate limit, its rule of order and its memory
// of duplicates. A stream that refuses some entries stores the others.

import type { SinkLimits } from '../../model/scenario.ts';
import { createHeadBlock, type HeadBlock, headKey } from './head-block.ts';
import { formatLabels, type Labels } from './labels.ts';
import { createTokenBucket, REFUSAL_TEXTS, type TokenBucket } from './limits.ts';
import type { Metrics } from './metrics.ts';
import { entryBytes, type PushedEntry } from './push-request.ts';
import { Refusal } from './refusal.ts';
import { createEntryColumns, type EntryColumns } from './stream-store.ts';
import { formatGoTime, formatRfc3339 } from './time.ts';
import type { LokiTraits } from './version.ts';

/** One stream. */
export interface StoredStream {
  labels: Labels;
  /** Canonical text of the labels. */
  name: string;
  entries: EntryColumns;
  /** Entries that are in chunks, and in how many. */
  flushed: { entries: number; chunks: number };
}

/** All streams of the sink. */
export interface StreamStore {
  /** Stores the entries of one stream; returns why some were not, or null. */
  push(labels: Labels, entries: readonly PushedEntry[], nowNs: bigint): Refusal | null;
  all(): Iterable<StoredStream>;
  /** Writes what is in memory out to chunks: the index knows only those. */
  flush(): void;
  readonly streamCount: number;
  /** Entries stored, duplicates that were recognised not counted. */
  readonly entryCount: number;
}

interface Stream extends StoredStream {
  bucket: TokenBucket;
  head: HeadBlock;
  newestNs: bigint;
}

interface Ignored {
  entry: PushedEntry;
  reason: string;
}

const OUT_OF_ORDER_WINDOW_NS = 3_600_000_000_000n;
/** `max_returned_stream_errors`. */
const IGNORED_LISTED_MAX = 10;

/** What a store keeps to. */
export interface StoreRules {
  limits: SinkLimits;
  traits: LokiTraits;
  metrics: Metrics;
  tenant: string;
}

/** An empty store. */
export function createStreamStore(rules: StoreRules): StreamStore {
  const { limits, traits, metrics, tenant } = rules;
  const streams = new Map<string, Stream>();
  let entryCount = 0;

  const findOrCreate = (labels: Labels): Stream | null => {
    const name = formatLabels(labels);
    const known = streams.get(name);
    if (known) return known;
    if (streams.size >= limits.streamsMax) return null;
    const entries = createEntryColumns();
    const bucket = createTokenBucket({ perSecond: limits.streamRateBytesPerSecond, burst: limits.streamBurstBytes });
    const stream = {
      labels,
      name,
      entries,
      bucket,
      head: createHeadBlock(entries),
      ...{ newestNs: -(2n ** 63n), flushed: { entries: 0, chunks: 0 } },
    };
    streams.set(name, stream);
    return stream;
  };

  const store = (stream: Stream, entry: PushedEntry): void => {
    const key = traits.deduplicates ? headKey(entry) : 0;
    if (traits.deduplicates && stream.head.holds(key, entry)) return;
    stream.entries.append(entry.tsNs, entry.line, entry.metadata);
    if (traits.deduplicates) stream.head.add(key, stream.entries.count - 1);
    entryCount++;
  };

  const push = (labels: Labels, entries: readonly PushedEntry[], nowNs: bigint): Refusal | null => {
    const stream = findOrCreate(labels);
    if (!stream) {
      metrics.discard('stream_limit', entries);
      const text = traits.strictOrder ? REFUSAL_TEXTS.tooManyStreams2019(limits.streamsMax) : null;
      return new Refusal(429, text ?? REFUSAL_TEXTS.tooManyStreams(tenant, formatLabels(labels)));
    }
    const newestNs = stream.newestNs;
    const { taken, ignored } = chooseInOrder(stream, entries, traits);
    const bytes = taken.reduce((sum, entry) => sum + entryBytes(entry), 0);
    if (!stream.bucket.allow(nowNs, bytes)) {
      stream.newestNs = newestNs;
      metrics.discard('per_stream_rate_limit', taken);
      return refuseStreamRate(stream, { taken, total: entries.length, limits, tenant });
    }
    for (const entry of taken) store(stream, entry);
    if (ignored.length === 0) return null;
    const late = ignored.map(({ entry }) => entry);
    metrics.discard(traits.strictOrder ? 'out_of_order' : 'too_far_behind', late);
    if (traits.strictOrder) return new Refusal(400, REFUSAL_TEXTS.outOfOrder2019(stream.name));
    return new Refusal(400, listIgnored(stream, ignored, { total: entries.length, tenant }));
  };

  return {
    push,
    all: () => streams.values(),
    flush() {
      for (const { entries, flushed } of streams.values()) {
        if (entries.count > flushed.entries) flushed.chunks++;
        flushed.entries = entries.count;
      }
    },
    get streamCount() {
      return streams.size;
    },
    get entryCount() {
      return entryCount;
    },
  };
}

/** Parts the entries by the version's rule of order; moves the stream's newest time along. */
function chooseInOrder(stream: Stream, entries: readonly PushedEntry[], traits: LokiTraits) {
  const taken: PushedEntry[] = [];
  const ignored: Ignored[] = [];
  for (const entry of entries) {
    const oldestNs = traits.strictOrder ? stream.newestNs : stream.newestNs - OUT_OF_ORDER_WINDOW_NS;
    if (entry.tsNs < oldestNs) {
      const reason = REFUSAL_TEXTS.tooFarBehind(formatRfc3339(entry.tsNs), formatRfc3339(oldestNs));
      ignored.push({ entry, reason });
      continue;
    }
    if (entry.tsNs > stream.newestNs) stream.newestNs = entry.tsNs;
    taken.push(entry);
  }
  return { taken, ignored };
}

/** The rate of a stream is all or nothing: none of its entries in this push is stored. */
function refuseStreamRate(
  stream: Stream,
  { taken, total, limits, tenant }: { taken: PushedEntry[]; total: number; limits: SinkLimits; tenant: string },
): Refusal {
  const ignored = taken.map((entry) => ({
    entry,
    reason: REFUSAL_TEXTS.streamRateLimited(limits.streamRateBytesPerSecond, stream.name, entryBytes(entry)),
  }));
  return new Refusal(429, listIgnored(stream, ignored, { total, tenant }));
}

function listIgnored(
  stream: Stream,
  ignored: readonly Ignored[],
  { total, tenant }: { total: number; tenant: string },
): string {
  const listed = ignored
    .slice(0, IGNORED_LISTED_MAX)
    .map(({ entry, reason }) => `entry with timestamp ${formatGoTime(entry.tsNs)} ignored, reason: '${reason}',\n`);
  return `${listed.join('')}user '${tenant}', total ignored: ${ignored.length} out of ${total} for stream: ${stream.name}`;
}
