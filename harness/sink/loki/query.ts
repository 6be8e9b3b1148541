// The query API: parameters in, JSON text out. Log queries in pages, counts at one moment or in steps, label names
// and values, series. Everything stored is visible at once.

import { formatGoDuration, formatModelDuration } from './duration.ts';
import type { InternalLimits } from './internal-limits.ts';
import { labelValue } from './labels.ts';
import { REFUSAL_TEXTS } from './limits.ts';
import { type MetricQuery, parseQuery, type Query } from './logql.ts';
import { Refusal } from './refusal.ts';
import {
  renderLabels,
  renderLegacyStreams,
  renderMatrix,
  renderStats,
  renderStreams,
  renderSuccess,
  renderVector,
} from './render.ts';
import { type Count, countEntries, listEntries, sumFlushed } from './select-entries.ts';
import { takeSelector } from './selector.ts';
import type { StoredStream, StreamStore } from './streams.ts';
import { ParseError } from './text-cursor.ts';
import { formatGoTime, parseLokiDuration, parseTimeParam } from './time.ts';
import type { LokiTraits } from './version.ts';

/** One query: its parameters, whether metadata is wanted apart, and the wall clock. */
export interface QueryRequest {
  params: URLSearchParams;
  categorized: boolean;
  nowNs: bigint;
}

/** Answers queries with JSON text; throws a Refusal for what Loki refuses. */
export interface QueryApi {
  range(request: QueryRequest): string;
  instant(request: QueryRequest): string;
  legacy(request: QueryRequest): string;
  labelNames(request: QueryRequest): string[];
  labelValues(request: QueryRequest, name: string): string[];
  series(request: QueryRequest): string;
  /** What the index knows: chunks that were flushed, never what is in memory. */
  stats(request: QueryRequest): string;
}

const STEPS_MAX = 11_000;
const HOUR_NS = 3_600_000_000_000n;

/** Queries over a store. */
export function createQueryApi(
  store: StreamStore,
  { traits, internal }: { traits: LokiTraits; internal: InternalLimits },
): QueryApi {
  const hidesDuplicates = traits.deduplicates;
  const list = (request: QueryRequest, query: Query) => {
    if (query.kind !== 'log') throw new Refusal(400, 'only log queries can be listed');
    const { fromNs, toNs } = readWindow(request);
    checkLength(toNs - fromNs);
    const limit = readLimit(request.params, internal.queryEntriesMax);
    const forward = (request.params.get('direction') ?? 'backward').toLowerCase() === 'forward';
    return listEntries(store.all(), { selector: query.selector, fromNs, toNs, limit, forward, hidesDuplicates });
  };
  /** `max_query_length` and `max_query_series`: 2019 had neither. */
  const checkLength = (lengthNs: bigint): void => {
    if (!traits.validates || lengthNs <= internal.queryLengthMaxNs) return;
    throw new Refusal(
      400,
      REFUSAL_TEXTS.queryTooLong(formatGoDuration(lengthNs), formatModelDuration(internal.queryLengthMaxNs)),
    );
  };
  const count = (query: MetricQuery, atNs: bigint): Count[] => {
    const counts = countEntries(store.all(), query, atNs);
    if (!traits.validates || counts.length <= internal.querySeriesMax) return counts;
    throw new Refusal(400, REFUSAL_TEXTS.tooManySeries(internal.querySeriesMax));
  };
  const inWindow = function* (request: QueryRequest): Iterable<StoredStream> {
    const { fromNs, toNs } = readWindow(request);
    for (const stream of store.all()) {
      if (stream.entries.rankOf(fromNs) < stream.entries.rankOf(toNs)) yield stream;
    }
  };

  return {
    range(request) {
      const query = readQuery(request.params);
      if (query.kind === 'log') return renderStreams(list(request, query), request.categorized);
      const { fromNs, toNs } = readWindow(request);
      checkLength(toNs - fromNs + query.rangeNs);
      return renderMatrix(
        stepTimes(fromNs, toNs, readStep(request.params, toNs - fromNs)).map((atNs) => ({
          atNs,
          counts: count(query, atNs),
        })),
      );
    },
    instant({ params, nowNs }) {
      const query = readQuery(params);
      if (query.kind === 'log') {
        throw new Refusal(
          400,
          'log queries are not supported as an instant query type, please change your query to a range query type',
        );
      }
      const atNs = readTime(params, 'time') ?? nowNs;
      checkLength(query.rangeNs);
      return renderVector(count(query, atNs), atNs);
    },
    legacy(request) {
      return renderLegacyStreams(list(request, readQuery(request.params)), legacyTime);
    },
    labelNames(request) {
      const names = new Set<string>();
      for (const { labels } of inWindow(request)) for (const [name] of labels) names.add(name);
      return [...names].sort();
    },
    labelValues(request, name) {
      const values = new Set<string>();
      for (const { labels } of inWindow(request)) values.add(labelValue(labels, name));
      values.delete('');
      return [...values].sort();
    },
    stats(request) {
      const query = readQuery(request.params);
      const { fromNs, toNs } = readWindow(request);
      checkLength(toNs - fromNs);
      return renderStats(sumFlushed(store.all(), query.selector, { fromNs, toNs }));
    },
    series(request) {
      const selectors = request.params
        .getAll('match[]')
        .map((text) => parse(text, (t) => takeSelector({ text: t, at: 0 })));
      const found = [...inWindow(request)].filter(({ labels }) =>
        selectors.some((selector) => selector.matches(labels)),
      );
      return renderSuccess(`[${found.map(({ labels }) => renderLabels(labels)).join(',')}]`);
    },
  };
}

function readQuery(params: URLSearchParams): Query {
  return parse(params.get('query') ?? '', parseQuery);
}

function parse<T>(text: string, parser: (text: string) => T): T {
  try {
    return parser(text);
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    throw new Refusal(400, `parse error at line 1, col ${error.column}: syntax error: ${error.message}`);
  }
}

/** start (now − 1 h) included, end (now) excluded; `since` moves the start. */
function readWindow({ params, nowNs }: QueryRequest): { fromNs: bigint; toNs: bigint } {
  const toNs = readTime(params, 'end') ?? nowNs;
  const since = params.get('since');
  const sinceNs = since ? parseLokiDuration(since) : HOUR_NS;
  if (sinceNs === null)
    throw new Refusal(400, `could not parse 'since' parameter: not a valid duration string: "${since}"`);
  return { fromNs: readTime(params, 'start') ?? toNs - sinceNs, toNs };
}

function readTime(params: URLSearchParams, name: string): bigint | null {
  const text = params.get(name);
  if (!text) return null;
  const tsNs = parseTimeParam(text);
  if (tsNs === null)
    throw new Refusal(400, `could not parse '${name}' parameter: ${JSON.stringify(text)} is not a time`);
  return BigInt.asIntN(64, tsNs);
}

function readLimit(params: URLSearchParams, max: number): number {
  const text = params.get('limit') || '100';
  if (!/^\d{1,15}$/.test(text)) throw new Refusal(400, `strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`);
  const limit = Number(text);
  if (limit === 0) throw new Refusal(400, 'limit must be a positive value');
  if (limit <= max) return limit;
  throw new Refusal(400, REFUSAL_TEXTS.tooManyEntries(limit, max));
}

/** Seconds or a duration; by default a 250th of the window, at least a second. */
function readStep(params: URLSearchParams, spanNs: bigint): bigint {
  const text = params.get('step');
  if (!text) return spanNs / 250n > 1_000_000_000n ? spanNs / 250n : 1_000_000_000n;
  const stepNs = /^\d{1,9}$/.test(text) ? BigInt(text) * 1_000_000_000n : parseLokiDuration(text);
  if (stepNs === null || stepNs <= 0n)
    throw new Refusal(400, 'zero or negative query resolution step widths are not accepted. Try a positive integer');
  return stepNs;
}

function stepTimes(fromNs: bigint, toNs: bigint, stepNs: bigint): bigint[] {
  if ((toNs - fromNs) / stepNs > BigInt(STEPS_MAX)) {
    throw new Refusal(
      400,
      'exceeded maximum resolution of 11,000 points per time series. Try increasing the value of the step parameter',
    );
  }
  const times: bigint[] = [];
  for (let atNs = fromNs; atNs <= toNs; atNs += stepNs) times.push(atNs);
  return times;
}

/** RFC 3339 with nanoseconds. */
function legacyTime(tsNs: bigint): string {
  return formatGoTime(tsNs).replace(' ', 'T').replace(' +0000 UTC', 'Z');
}
