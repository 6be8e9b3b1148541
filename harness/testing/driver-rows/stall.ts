// Behind an agent that does not read: how much fits, what is dropped, what is lost when it is replaced.

import { expect } from 'vitest';
import { sleep } from '../../core/real-clock.ts';
import { FLOOD, settledCount, waitFor } from './programs.ts';
import type { DriverSuite } from './suite.ts';

/** Adds the rows. */
export function addStallRows({ folder, listen, run, row, near }: DriverSuite): void {
  near('lines of 100 bytes until a program blocks, sync, frozen agent', { expected: 11_935, percent: 5 }, async () => {
    await listen(true);
    await run(FLOOD(40_000));
    return settledCount(folder());
  });
  near(
    'lines delivered of 20,000, async, limit 1,000, agent frozen and thawed',
    { expected: 1_168, percent: 5 },
    async () => {
      const at = await listen(true);
      await run(`${FLOOD(20_000)}setTimeout(() => 0, 3000)`, {
        'fluentd-async': 'true',
        'fluentd-buffer-limit': '1000',
      });
      expect(await settledCount(folder())).toBe(20_000);
      await sleep(500);
      at.thaw();
      await sleep(1_500);
      return at.messages().length;
    },
  );
  near(
    'lines delivered of 30,000, non-blocking 1m, agent frozen and thawed',
    { expected: 10_759, percent: 5 },
    async () => {
      const at = await listen(true);
      await run(`${FLOOD(30_000)}setTimeout(() => 0, 3000)`, { mode: 'non-blocking', 'max-buffer-size': '1m' });
      expect(await settledCount(folder())).toBe(30_000);
      await sleep(500);
      at.thaw();
      await sleep(2_000);
      return at.messages().length;
    },
  );
  row('what a full queue of 1,000 drops', 'the newest: 0 to 999 came, then later ones in order', async () => {
    const at = await listen(true);
    await run(`${FLOOD(20_000)}setTimeout(() => 0, 3000)`, {
      'fluentd-async': 'true',
      'fluentd-buffer-limit': '1000',
    });
    await settledCount(folder());
    await sleep(500);
    at.thaw();
    await sleep(1_500);
    const seqs = at.messages().map(({ record }) => Number.parseInt(record.log!, 10));
    // The queue cannot be full before it has taken 1,000. A line behind those is taken where the reader has made room:
    // which ones depends on how far the program was when the connection stood.
    const firstMissing = seqs.findIndex((seq, index) => seq !== index);
    const kept = firstMissing === -1 ? seqs.length : firstMissing;
    const inOrder = seqs.every((seq, index) => index === 0 || seq > seqs[index - 1]!);
    return kept >= 1_000 && inOrder
      ? 'the newest: 0 to 999 came, then later ones in order'
      : `others: ${seqs.length} came, the first that is missing is ${kept}${inOrder ? '' : ', not in order'}`;
  });
  near(
    'lines lost when the frozen agent is replaced, sync, 100-byte lines',
    { expected: 167, percent: 5 },
    async () => {
      const first = await listen(true);
      await run(FLOOD(13_000));
      await settledCount(folder());
      await first.close();
      const second = await listen();
      await waitFor(() => second.messages().at(-1)?.record.log?.startsWith('12999') ?? false, 20_000);
      return 13_000 - second.messages().length;
    },
  );
  row('lines that arrive twice when the agent is replaced', 'none', async () => {
    const first = await listen(true);
    await run(FLOOD(12_500));
    await settledCount(folder());
    await first.close();
    const second = await listen();
    await waitFor(() => second.messages().at(-1)?.record.log?.startsWith('12499') ?? false, 20_000);
    const logs = second.messages().map(({ record }) => record.log);
    return new Set(logs).size === logs.length ? 'none' : String(logs.length - new Set(logs).size);
  });
}
