// What is pushed is there: status, both JSON shapes, bytes, equal times.

import { expect } from 'vitest';
import { encodeJson, encodeLegacyJson } from '../loki-push.ts';
import { JSON_TYPE, type LokiSuite, V1 } from './suite.ts';

/** Adds the rows. */
export function addPushRows(suite: LokiSuite): void {
  const { get, post, push, stream, list, listed, test } = suite;
  test('is ready, and lists what it acknowledged with 204 at once', async () => {
    expect(await get('/ready')).toMatchObject({ status: 200, text: 'ready\n' });
    const answer = await push(stream('one', 'two'));
    expect(answer).toMatchObject({ status: 204, text: '' });
    expect(await list()).toEqual([
      [String(suite.baseNs), 'one'],
      [String(suite.baseNs + 1n), 'two'],
    ]);
  });

  test('takes both JSON shapes, each at its path', async () => {
    const v1 = encodeJson([
      { stream: { suite: `larsen-${suite.group}` }, entries: [{ tsNs: suite.baseNs, line: 'v1 "é" \\' }] },
    ]);
    const legacy = encodeLegacyJson([stream({ tsNs: suite.baseNs + 1n, line: 'legacy' })]);
    expect((await post(V1, v1, JSON_TYPE)).status).toBe(204);
    expect((await post('/api/prom/push', legacy, JSON_TYPE)).status).toBe(204);
    expect(await listed()).toEqual(['v1 "é" \\', 'legacy']);
  });

  test('shows bytes that are not UTF-8 as U+FFFD', async () => {
    await push(stream({ tsNs: suite.baseNs, line: Buffer.from([0x61, 0xff, 0x62]) }));
    expect(await listed()).toEqual(['a\ufffdb']);
  });

  test('keeps different lines of equal time', async () => {
    const entries = ['a', 'b', 'c'].map((line) => ({ tsNs: suite.baseNs, line }));
    expect((await push(stream(...entries))).status).toBe(204);
    expect((await listed()).sort()).toEqual(['a', 'b', 'c']);
  });
}
