// What every version refuses, and what it ignores.

import { expect } from 'vitest';
import { sleep } from '../../core/real-clock.ts';
import { encodeLegacyJson, encodeProtobuf, encodeSnappy } from '../loki-push.ts';
import { JSON_TYPE, type LokiSuite, PROTOBUF, REFILL_MS, V1 } from './suite.ts';

/** Adds the rows. */
export function addRefusalRows(suite: LokiSuite): void {
  const { post, push, stream, list, listed, test } = suite;
  test('is not moved by a tenant header while it has one tenant', async () => {
    const headers = { ...PROTOBUF, 'x-scope-orgid': 'someone' };
    expect((await post(V1, encodeSnappy([stream('x')]), headers)).status).toBe(204);
    expect(await listed()).toEqual(['x']);
  });

  test('refuses what is no push with 400', async () => {
    expect((await post(V1, 'no snappy', PROTOBUF)).status).toBe(400);
    expect((await post(V1, '{"streams":', JSON_TYPE)).status).toBe(400);
    expect((await push({ ...stream('x'), labels: '{a=}' })).status).toBe(400);
    expect(await list()).toEqual([]);
  });

  test('refuses a message over 4 MiB with 500 and tells its size, whatever the body', async () => {
    const big = stream(...Array.from({ length: 24 }, (_, index) => `${index}`.padEnd(200_000, '.')));
    const text =
      /^rpc error: code = ResourceExhausted desc = grpc: received message larger than max \((\d+) vs\. 4194304\)\n$/;
    for (const [path, body, type] of [
      [V1, encodeSnappy([big]), PROTOBUF],
      ['/api/prom/push', encodeLegacyJson([big]), JSON_TYPE],
    ] as const) {
      const answer = await post(path, body, type);
      expect(answer).toMatchObject({ status: 500, text: expect.stringMatching(text) });
      // Newer versions add a hash of at most eleven bytes to the one stream, and a byte to its length.
      const size = Number(text.exec(answer.text)?.[1]);
      expect(size - encodeProtobuf([big]).length).toBeGreaterThanOrEqual(0);
      expect(size - encodeProtobuf([big]).length).toBeLessThanOrEqual(12);
      await sleep(REFILL_MS);
    }
    expect(await list()).toEqual([]);
  });
}
