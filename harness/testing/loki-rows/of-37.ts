// What 3.x has: content types, texts of its own, the window of an hour, metadata.

import { gzipSync } from 'node:zlib';
import { expect } from 'vitest';
import { sleep } from '../../core/real-clock.ts';
import { encodeJson } from '../loki-push.ts';
import { JSON_TYPE, type LokiSuite, MIB, REFILL_MS, V1 } from './suite.ts';

/** Adds the rows. */
export function addRowsOf37(suite: LokiSuite): void {
  const { get, post, push, stream, list, listed, count, test } = suite;
  test('asks for a content type, knows gzip and no zstd', async () => {
    const body = encodeJson([
      { stream: { suite: `larsen-${suite.group}` }, entries: [{ tsNs: suite.baseNs, line: 'x' }] },
    ]);
    const gzip = { ...JSON_TYPE, 'content-encoding': 'gzip' };
    expect((await post(V1, gzipSync(body), gzip)).status).toBe(204);
    expect(await post(V1, body, { 'content-type': '' })).toMatchObject({
      status: 400,
      text: 'mime: no media type\n',
    });
    const zstd = await post(V1, body, { ...JSON_TYPE, 'content-encoding': 'zstd' });
    expect(zstd).toMatchObject({ status: 400, text: 'Content-Encoding "zstd" not supported\n' });
    expect(zstd.type).toMatch(/^text\/plain/);
  });

  test('answers 422 when there is no stream', async () => {
    const text = 'error at least one valid stream is required for ingestion\n';
    expect(await post(V1, '{"streams":[]}', JSON_TYPE)).toMatchObject({ status: 422, text });
  });

  test('refuses a long line with 400 and stores the others', async () => {
    const answer = await push(stream('short', 'x'.repeat(262_145), 'also short'));
    const text = `max entry size '262144' bytes exceeded for stream '{suite="larsen-${suite.group}"}' while adding an entry with length '262145' bytes\n`;
    expect(answer).toMatchObject({ status: 400, text });
    expect(await listed()).toEqual(['short', 'also short']);
  });

  test('drops a repeated entry silently', async () => {
    for (let time = 0; time < 3; time++) expect((await push(stream('x', 'y'))).status).toBe(204);
    expect(await listed()).toEqual(['x', 'y']);
    expect(await count(`sum(count_over_time({suite="larsen-${suite.group}"}[5m]))`)).toEqual(['2']);
  });

  test('refuses entries without labels, too old or too new', async () => {
    const at = async (tsNs: bigint) => (await push(stream({ tsNs, line: 'x' }))).text;
    expect((await push({ ...stream('x'), labels: '{}' })).text).toBe(
      'error at least one label pair is required per stream\n',
    );
    expect(await at(suite.baseNs - 700_000_000_000_000n)).toMatch(
      /^entry for stream '.*' has timestamp too old: \S+Z, oldest acceptable timestamp is: \S+Z\n$/,
    );
    expect(await at(suite.baseNs + 7_200_000_000_000n)).toMatch(
      /^entry for stream '.*' has timestamp too new: \S+Z\n$/,
    );
  });

  test('refuses log selectors as instant queries', async () => {
    const answer = await get('/loki/api/v1/query', { query: '{suite=~".+"}' });
    const text =
      'log queries are not supported as an instant query type, please change your query to a range query type\n';
    expect(answer).toEqual({ status: 400, text });
  });

  test('keeps metadata apart when asked to', async () => {
    await push(stream({ tsNs: suite.baseNs, line: 'x', metadata: { trace: 't' } }));
    const params = {
      query: `{suite="larsen-${suite.group}"}`,
      start: String(suite.baseNs),
      end: String(suite.baseNs + 10n),
    };
    const headers = { 'X-Loki-Response-Encoding-Flags': 'categorize-labels' };
    const response = await fetch(`${suite.url}/loki/api/v1/query_range?${new URLSearchParams(params)}`, { headers });
    const { data } = (await response.json()) as { data: { result: unknown[] } };
    expect(data.result).toEqual([
      {
        stream: { suite: `larsen-${suite.group}` },
        values: [[String(suite.baseNs), 'x', { structuredMetadata: { trace: 't' } }]],
      },
    ]);
  });

  test('refuses more than its burst with 429, all of it', async () => {
    await sleep(REFILL_MS);
    const big = stream(...Array.from({ length: 32 }, (_, index) => `${index}`.padEnd(220_000, '.')));
    const bytes = 32 * 220_000;
    expect(await push(big)).toMatchObject({
      status: 429,
      text: `ingestion rate limit exceeded for user fake (limit: ${4 * MIB} bytes/sec) while attempting to ingest '32' lines totaling '${bytes}' bytes, reduce log volume or contact your Loki administrator to see if the limit can be increased\n`,
    });
    expect(await list()).toEqual([]);
  });
}
