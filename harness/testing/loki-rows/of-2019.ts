// Order and duplicates in 2019.

import { expect } from 'vitest';
import type { LokiSuite } from './suite.ts';

/** Adds the rows. */
export function addRowsOf2019(suite: LokiSuite): void {
  const { push, stream, listed, test } = suite;
  test('stores a repeated entry, refuses an older one', async () => {
    await push(stream({ tsNs: suite.baseNs + 5n, line: 'x' }));
    await push(stream({ tsNs: suite.baseNs + 5n, line: 'x' }));
    expect(await listed()).toEqual(['x', 'x']);
    const late = await push(stream({ tsNs: suite.baseNs, line: 'old' }));
    expect(late).toMatchObject({
      status: 400,
      text: `entry out of order for stream: {suite="larsen-${suite.group}"}\n`,
    });
  });
}
