// Order, duplicates and the rate in 1.6: measured on the real one.

import { expect } from 'vitest';
import { sleep } from '../../core/real-clock.ts';
import { type LokiSuite, REFILL_MS } from './suite.ts';

/** Adds the rows. */
export function addRowsOf16(suite: LokiSuite): void {
  const { push, stream, list, listed, test } = suite;
  test('stores a repeated entry once, refuses an older one and stores the rest of its push', async () => {
    await push(stream({ tsNs: suite.baseNs + 5n, line: 'x' }));
    await push(stream({ tsNs: suite.baseNs + 5n, line: 'x' }));
    expect(await listed()).toEqual(['x']);
    const late = await push(
      stream(
        { tsNs: suite.baseNs, line: 'old' },
        { tsNs: suite.baseNs + 5n, line: 'y' },
        { tsNs: suite.baseNs + 6n, line: 'z' },
      ),
    );
    expect(late.status).toBe(400);
    expect(late.text).toMatch(/entry with timestamp .* ignored, reason: 'entry out of order' for stream: \{suite=/);
    expect(late.text).toMatch(/total ignored: 1 out of 3\n$/);
    expect(await listed()).toEqual(['x', 'y', 'z']);
  });

  test('refuses more than its burst with 429, all of it', async () => {
    await sleep(REFILL_MS);
    const big = stream(...Array.from({ length: 32 }, (_, index) => `${index}`.padEnd(220_000, '.')));
    const answer = await push(big);
    expect(answer.status).toBe(429);
    expect(answer.text).toMatch(
      /^Ingestion rate limit exceeded \(limit: 4194304 bytes\/sec\) while attempting to ingest '32' lines totaling '7040000' bytes, reduce log volume or contact your Loki administrator to see if the limit can be increased\n$/,
    );
    expect(await list()).toEqual([]);
  });
}
