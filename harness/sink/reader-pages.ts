// One selector's entries in pages, oldest first. A page may end between entries of equal time, so the next begins
// with that time again and what was already seen of it is dropped, by number and not by value: two equal entries
// stay two. Where more entries share one time than a page holds, that time is read in parts, told apart by the last
// digits of the line ids in them.

import type { SinkEntry } from '../model/parts.ts';
import { getJson, type LokiWindow } from './loki-http.ts';

/** Entries per query: Loki's `max_entries_limit_per_query`. */
export const PAGE_ENTRIES = 5_000;

/** One stream's share of a page; `key` is its labels as text. */
export interface PageStream {
  key: string;
  entries: SinkEntry[];
}

export interface Page {
  streams: PageStream[];
}

interface RawPage {
  streams: { key: string; labels: Record<string, string>; values: [string, string, Categories?][] }[];
  size: number;
  /** Earliest and latest time in the page. */
  firstNs: bigint;
  lastNs: bigint;
}

interface Categories {
  structuredMetadata?: Record<string, string>;
}

/** The pages of a selector within the window. */
export async function* readPages(window: LokiWindow, selector: string): AsyncIterable<Page> {
  let fromNs = window.fromNs;
  let seen = createSeen(fromNs);
  while (fromNs < window.toNs) {
    const raw = await fetchPage(window, selector, { fromNs, toNs: window.toNs });
    if (raw.size === 0) return;
    if (raw.size >= PAGE_ENTRIES && raw.firstNs === raw.lastNs) {
      // The whole page is one moment: it may go on for longer than a page.
      yield* readMoment(window, selector, raw.firstNs, raw.firstNs === fromNs ? seen : createSeen(raw.firstNs));
      fromNs = raw.firstNs + 1n;
      seen = createSeen(fromNs);
      continue;
    }
    const next = raw.lastNs === seen.tsNs ? seen : createSeen(raw.lastNs);
    yield takeUnseen(raw, seen, next);
    if (raw.size < PAGE_ENTRIES) return;
    fromNs = raw.lastNs;
    seen = next;
  }
}

/** How many equal entries of one moment were given out already, by stream and line. */
interface Seen {
  tsNs: bigint;
  counts: Map<string, number>;
}

function createSeen(tsNs: bigint): Seen {
  return { tsNs, counts: new Map() };
}

/** The page without what `seen` holds of its first moment; notes the entries of its last moment in `next`. */
function takeUnseen(raw: RawPage, seen: Seen, next: Seen): Page {
  const met = new Map<string, number>();
  const seenText = String(seen.tsNs);
  const nextText = String(next.tsNs);
  const streams = raw.streams.map(({ key, labels, values }) => {
    const entries: SinkEntry[] = [];
    for (const [time, line, categories] of values) {
      if (time === seenText || time === nextText) {
        const text = `${time}\0${key}\0${line}\0${JSON.stringify(categories?.structuredMetadata ?? null)}`;
        const nth = (met.get(text) ?? 0) + 1;
        met.set(text, nth);
        const isSeen = time === seenText && nth <= (seen.counts.get(text) ?? 0);
        if (time === nextText && nth > (next.counts.get(text) ?? 0)) next.counts.set(text, nth);
        if (isSeen) continue;
      }
      entries.push(createEntry(time, line, labels, categories));
    }
    return { key, entries };
  });
  return { streams };
}

function createEntry(time: string, line: string, labels: Record<string, string>, categories?: Categories): SinkEntry {
  const entry: SinkEntry = { tNs: BigInt(time), line, labels };
  if (categories?.structuredMetadata) entry.metadata = categories.structuredMetadata;
  return entry;
}

const ID = 'lrs1-[a-z0-9]+-[A-Za-z0-9-]+-c?';
const ID_TAIL = '-[0-9]+-[0-9a-f]{8}';
const DIGITS = [...'0123456789'];
/** 10^3 parts of 5,000 entries are more than a clock of whole seconds can pile up at one time. */
const DIGITS_MAX = 3;

/** A part of one moment. */
interface Part {
  selector: string;
  atNs: bigint;
  /** The last digits of a seq. */
  digits: string;
  /** What was given out of this moment: an entry with several ids is in several parts. */
  given: Seen;
}

/** All entries of one moment: by the last digits of an id in them, and those without an id (a page of them). */
async function* readMoment(window: LokiWindow, selector: string, atNs: bigint, given: Seen): AsyncIterable<Page> {
  for (const digits of DIGITS) yield* readPart(window, { selector, atNs, digits, given });
  yield* readMatching(window, `${selector} !~ \`${ID}[0-9]+${ID_TAIL}\``, given);
}

async function* readPart(window: LokiWindow, { digits, ...part }: Part): AsyncIterable<Page> {
  const query = `${part.selector} |~ \`${ID}[0-9]*${digits}${ID_TAIL}\``;
  const raw = await fetchMoment(window, query, part.atNs);
  if (raw.size < PAGE_ENTRIES || digits.length === DIGITS_MAX) {
    yield takeUnseen(raw, part.given, part.given);
    return;
  }
  for (const digit of DIGITS) yield* readPart(window, { ...part, digits: `${digit}${digits}` });
  // The seq that is these digits and no more.
  yield* readMatching(window, `${part.selector} |~ \`${ID}${digits}${ID_TAIL}\``, part.given);
}

async function* readMatching(window: LokiWindow, query: string, given: Seen): AsyncIterable<Page> {
  yield takeUnseen(await fetchMoment(window, query, given.tsNs), given, given);
}

function fetchMoment(window: LokiWindow, query: string, atNs: bigint): Promise<RawPage> {
  return fetchPage(window, query, { fromNs: atNs, toNs: atNs + 1n });
}

async function fetchPage(
  window: LokiWindow,
  query: string,
  { fromNs, toNs }: { fromNs: bigint; toNs: bigint },
): Promise<RawPage> {
  const params = { query, start: String(fromNs), end: String(toNs), limit: String(PAGE_ENTRIES), direction: 'forward' };
  const headers = { ...window.headers, 'X-Loki-Response-Encoding-Flags': 'categorize-labels' };
  const answer = await getJson({ ...window, headers }, '/loki/api/v1/query_range', params);
  const { data } = answer as { data: { result: { stream: Record<string, string>; values: [string, string][] }[] } };
  const page: RawPage = { streams: [], size: 0, firstNs: toNs, lastNs: fromNs };
  for (const { stream, values } of data.result) {
    page.streams.push({ key: labelKey(stream), labels: stream, values });
    page.size += values.length;
    const first = BigInt(values[0]?.[0] ?? toNs);
    const last = BigInt(values.at(-1)?.[0] ?? fromNs);
    if (first < page.firstNs) page.firstNs = first;
    if (last > page.lastNs) page.lastNs = last;
  }
  return page;
}

function labelKey(labels: Record<string, string>): string {
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}
