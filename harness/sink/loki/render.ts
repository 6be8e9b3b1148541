// Answers of the query API as JSON text, built by hand where there are thousands of lines in them.

import { formatLabels, type Labels, sortLabels } from './labels.ts';
import type { Count, FlushedSums, FoundEntry } from './select-entries.ts';

/** `resultType: streams`. Metadata is merged into the labels, or kept apart per entry when `categorized`. */
export function renderStreams(found: readonly FoundEntry[], categorized: boolean): string {
  const groups = new Map<string, { labels: Labels; values: string[] }>();
  for (const { stream, index } of found) {
    const { entries, labels, name } = stream;
    const metadata = entries.metadata(index);
    const merged = categorized || metadata.length === 0 ? labels : mergeLabels(labels, metadata);
    const key = merged === labels ? name : formatLabels(merged);
    let group = groups.get(key);
    if (!group) {
      group = { labels: merged, values: [] };
      groups.set(key, group);
    }
    const line = JSON.stringify(entries.line(index).toString('utf8'));
    const extra = categorized ? `,${renderCategories(metadata)}` : '';
    group.values.push(`["${entries.time(index)}",${line}${extra}]`);
  }
  const result = [...groups.values()].map(
    ({ labels, values }) => `{"stream":${renderLabels(labels)},"values":[${values.join(',')}]}`,
  );
  const flags = categorized ? ',"encodingFlags":["categorize-labels"]' : '';
  return renderSuccess(`{"resultType":"streams"${flags},"result":[${result.join(',')}],"stats":{}}`);
}

/** The shape of 2019: label text and RFC 3339 times. */
export function renderLegacyStreams(found: readonly FoundEntry[], formatTime: (tsNs: bigint) => string): string {
  const groups = new Map<string, string[]>();
  for (const { stream, index } of found) {
    const line = JSON.stringify(stream.entries.line(index).toString('utf8'));
    const entry = `{"ts":"${formatTime(stream.entries.time(index))}","line":${line}}`;
    const group = groups.get(stream.name);
    if (group) group.push(entry);
    else groups.set(stream.name, [entry]);
  }
  const streams = [...groups].map(
    ([name, entries]) => `{"labels":${JSON.stringify(name)},"entries":[${entries.join(',')}]}`,
  );
  return `{"streams":[${streams.join(',')}]}`;
}

/** `resultType: vector` at one moment. */
export function renderVector(counts: readonly Count[], atNs: bigint): string {
  const result = counts.map(
    ({ labels, value }) => `{"metric":${renderLabels(labels)},"value":[${seconds(atNs)},"${value}"]}`,
  );
  return renderSuccess(`{"resultType":"vector","result":[${result.join(',')}],"stats":{}}`);
}

/** `resultType: matrix`: one vector per step. */
export function renderMatrix(steps: readonly { atNs: bigint; counts: Count[] }[]): string {
  const series = new Map<string, string[]>();
  for (const { atNs, counts } of steps) {
    for (const { labels, value } of counts) {
      const key = renderLabels(labels);
      const values = series.get(key) ?? [];
      values.push(`[${seconds(atNs)},"${value}"]`);
      series.set(key, values);
    }
  }
  const result = [...series].map(([labels, values]) => `{"metric":${labels},"values":[${values.join(',')}]}`);
  return renderSuccess(`{"resultType":"matrix","result":[${result.join(',')}],"stats":{}}`);
}

/** The envelope of every good answer. */
export function renderSuccess(data: string): string {
  return `{"status":"success","data":${data}}`;
}

/** A label set as a JSON object. */
export function renderLabels(labels: Labels): string {
  return `{${labels.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')}}`;
}

/** Metadata wins over a label of its name, as in Loki's label builder. */
function mergeLabels(labels: Labels, metadata: Labels): Labels {
  return sortLabels([...new Map([...labels, ...metadata])]);
}

function renderCategories(metadata: Labels): string {
  return metadata.length === 0 ? '{}' : `{"structuredMetadata":${renderLabels(metadata)}}`;
}

function seconds(tsNs: bigint): string {
  return String(Number(tsNs / 1_000_000n) / 1_000);
}

/** The answer of `index/stats`: without an envelope. */
export function renderStats({ streams, chunks, entries, bytes }: FlushedSums): string {
  return JSON.stringify({ streams, chunks, bytes, entries });
}
