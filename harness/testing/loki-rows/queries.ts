// Listing and counting: windows, pages, labels, filters.

import { expect } from 'vitest';
import type { LokiSuite } from './suite.ts';

/** Adds the rows. */
export function addQueryRows(suite: LokiSuite): void {
  const { get, push, stream, list, listed, count, test, version } = suite;
  test('has an inclusive start, an exclusive end, both directions, and pages', async () => {
    await push(stream('0', '1', '2', '3'));
    const at = (step: bigint) => String(suite.baseNs + step);
    expect(await listed({ start: at(1n), end: at(3n) })).toEqual(['1', '2']);
    expect(await listed({ start: at(0n), end: at(4n), direction: 'backward', limit: '2' })).toEqual(['3', '2']);
    expect(await listed({ start: at(0n), end: at(4n), limit: '2' })).toEqual(['0', '1']);
    const tooMany = await get('/loki/api/v1/query_range', { query: '{suite="x"}', limit: '5001' });
    expect(tooMany.status).toBe(400);
  });

  test('counts entries and bytes; nothing is an empty result', async () => {
    await push(stream('four', 'seven77'));
    const selector = `{suite="larsen-${suite.group}"}`;
    expect(await count(`sum(count_over_time(${selector}[5m]))`)).toEqual(['2']);
    expect(await count(`sum(bytes_over_time(${selector}[5m]))`)).toEqual(['11']);
    expect(await count('sum(count_over_time({suite="none"}[5m]))')).toEqual([]);
  });

  test('names its labels, and selects streams by label, absence of a label and text', async () => {
    const own = `larsen-${suite.group}`;
    await push(
      { labels: `{suite="${own}", extra="e"}`, entries: [{ tsNs: suite.baseNs, line: 'with' }] },
      { labels: `{suite="${own}"}`, entries: [{ tsNs: suite.baseNs, line: 'without' }] },
    );
    const window = { start: String(suite.baseNs - 1n), end: String(suite.baseNs + 60_000_000_000n) };
    const { data } = JSON.parse((await get('/loki/api/v1/labels', window)).text) as { data: string[] };
    expect(data).toEqual(expect.arrayContaining(['suite', 'extra']));
    const lines = async (query: string) => (await list({}, query)).map(([, line]) => line);
    expect(await lines(`{suite="${own}", extra=~".+"}`)).toEqual(['with']);
    expect(await lines(`{suite="${own}", extra=""}`)).toEqual(['without']);
    expect((await lines(`{suite="${own}"} |~ "with$"`)).concat(await lines(`{suite="${own}"} !~ "with$"`))).toEqual([
      'with',
      'without',
    ]);
  });

  test('takes labels in any order as one stream, and counts by label', async () => {
    const own = `larsen-${suite.group}`;
    await push({ labels: `{suite="${own}", part="a"}`, entries: [{ tsNs: suite.baseNs, line: '1' }] });
    await push({ labels: `{part="a",suite="${own}"}`, entries: [{ tsNs: suite.baseNs + 1n, line: '2' }] });
    await push({ labels: `{suite="${own}", part="b"}`, entries: [{ tsNs: suite.baseNs, line: '3' }] });
    const query = `sum by (part) (count_over_time({suite="${own}"}[5m]))`;
    expect((await count(query)).sort()).toEqual(['1', '2']);
    const window = { start: String(suite.baseNs - 1n), end: String(suite.baseNs + 60_000_000_000n) };
    const { data } = JSON.parse((await get('/loki/api/v1/label/part/values', window)).text) as { data: string[] };
    expect(data).toEqual(['a', 'b']);
  });

  test('gives every line to a reader that pages, with more equal times than a page holds', async () => {
    const entries = Array.from({ length: 25 }, (_, index) => ({
      tsNs: suite.baseNs + BigInt(Math.floor(index / 5)),
      line: `line ${index}`,
    }));
    await push(stream(...entries));
    const seen = new Set<string>();
    for (let start = suite.baseNs, page = 0; page < 20; page++) {
      const values = await list({ start: String(start), limit: '8' });
      const before = seen.size;
      for (const [, line] of values) seen.add(line);
      if (values.length < 8) break;
      // The start is inclusive: lines of the last time come again, and a page of one time only says nothing new.
      const lastNs = BigInt(values.at(-1)![0]);
      start = seen.size === before ? lastNs + 1n : lastNs;
    }
    expect([...seen].sort()).toEqual(entries.map(({ line }) => line).sort());
  });

  test('counts in a window that is open on the left and closed on the right', async () => {
    await push(stream({ tsNs: suite.baseNs, line: 'a' }, { tsNs: suite.baseNs + 10_000_000_000n, line: 'b' }));
    const at = async (time: bigint) => {
      const query = `sum(count_over_time({suite="larsen-${suite.group}"}[10s]))`;
      const answer = await get('/loki/api/v1/query', { query, time: String(time) });
      const { data } = JSON.parse(answer.text) as { data: { result: { value: [number, string] }[] } };
      return data.result[0]?.value[1] ?? 'none';
    };
    const steps = [0n, 9n, 10n, 19n, 20n].map((second) => at(suite.baseNs + second * 1_000_000_000n));
    // In 1.6 both ends are open: measured on the real one.
    const expected = version === '1.6' ? ['none', '1', 'none', '1', 'none'] : ['1', '1', '1', '1', 'none'];
    expect(await Promise.all(steps)).toEqual(expected);
  });
}
