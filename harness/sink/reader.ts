// Reads a Loki back, real or embedded, without knowing what labels the agent chose: one selector per label name,
// each leaving out the streams that an earlier one has listed, in pages past the 5,000 entries of a query.
//
//   labels a, b, c ──► {a=~".+"}   {b=~".+", a=""}   {c=~".+", a="", b=""}   ──► every stream exactly once

import { HarnessError } from '../core/errors.ts';
import { sleep } from '../core/real-clock.ts';
import type { SinkEntry } from '../model/parts.ts';
import { getJson, type LokiTarget, type LokiWindow } from './loki-http.ts';
import { readPages } from './reader-pages.ts';

/**
 * Every entry in the window, stream by stream in order of time. Legitimate repeats are kept; what a Loki hides of
 * what it stored twice shows only in `countLoki`. Throws a HarnessError (E_SINK_READ).
 */
export async function* readLoki(window: LokiWindow): AsyncIterable<SinkEntry> {
  const listed = new Set<string>();
  for (const selector of await listSelectors(window)) {
    const found = new Set<string>();
    for await (const page of readPages(window, selector)) {
      for (const stream of page.streams) {
        if (listed.has(stream.key)) continue;
        found.add(stream.key);
        yield* stream.entries;
      }
    }
    for (const key of found) listed.add(key);
  }
}

/** Entries in the window by `count_over_time`: duplicates that a listing hides are counted. */
export async function countLoki(window: LokiWindow): Promise<number> {
  // A range covers (at − range, at]: moved by one so that it means [from, to).
  const rangeMs = (window.toNs - window.fromNs) / 1_000_000n;
  const params = { time: String(window.toNs - 1n) };
  const range = `[${rangeMs}ms]`;
  let count = 0;
  for (const selector of await listSelectors(window)) {
    const query = `sum(count_over_time(${selector}${range}))`;
    const answer = await getJson(window, '/loki/api/v1/query', { ...params, query });
    const { data } = answer as { data: { result: { value: [number, string] }[] } };
    for (const { value } of data.result) count += Number(value[1]);
  }
  return count;
}

/** Resolves when `/ready` answers 200. Throws (E_SINK_NOT_READY) after `withinMs`. */
export async function waitLokiReady({ withinMs, ...target }: LokiTarget & { withinMs: number }): Promise<void> {
  const pauseMs = 50;
  for (let tries = 0; tries * pauseMs <= withinMs; tries++) {
    if (await isReady(target)) return;
    await sleep(pauseMs, target.signal);
  }
  throw new HarnessError(
    'E_SINK_NOT_READY',
    `The sink at ${target.url} was not ready within ${withinMs} ms; see its log.`,
  );
}

async function isReady({ url, headers = {} }: LokiTarget): Promise<boolean> {
  try {
    const response = await fetch(`${url}/ready`, { headers });
    await response.text();
    return response.status === 200;
  } catch {
    return false;
  }
}

/** Selectors that together match each stream exactly once. */
async function listSelectors(window: LokiWindow): Promise<string[]> {
  const params = { start: String(window.fromNs), end: String(window.toNs) };
  const { data } = (await getJson(window, '/loki/api/v1/labels', params)) as { data?: string[] | null };
  // Loki 1.x lists its own `__name__` too, which no query may ask for.
  const names = (data ?? []).filter((name) => !name.startsWith('__'));
  return names.map((name, index) => {
    const earlier = names.slice(0, index).map((other) => `, ${other}=""`);
    return `{${name}=~".+"${earlier.join('')}}`;
  });
}
