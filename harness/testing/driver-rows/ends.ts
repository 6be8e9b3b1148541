// Acknowledgements, and what a stop waits for.

import { sleep } from '../../core/real-clock.ts';
import type { ServedMessage } from '../forward-server.ts';
import { FLOOD, settledCount, WRITE, waitFor } from './programs.ts';
import type { DriverSuite } from './suite.ts';

/** Longer than what is left of a socket's buffer, shorter than a piece: such a message is taken in part. */
const LONG_LINE_CHARS = 12_000;
const LONG_LINES = FLOOD(200, LONG_LINE_CHARS);

/** Adds the rows. */
export function addEndRows({ folder, listen, run, row, near }: DriverSuite): void {
  row('fluentd-request-ack: a chunk id of 24 characters, and messages in flight', '24 characters, 1', async () => {
    const at = await listen();
    await run(FLOOD(20), { 'fluentd-request-ack': 'true' });
    await waitFor(() => at.messages().length > 0, 5_000);
    await sleep(500);
    const [{ option }] = at.messages() as [ServedMessage];
    const inFlight = at.messages().length;
    at.ackAll();
    await waitFor(() => at.messages().length === 20, 10_000);
    return `${(option as { chunk: string }).chunk.length} characters, ${inFlight}`;
  });
  row('a message that was not acked when the agent died', 'sent again', async () => {
    const first = await listen();
    await run(`${WRITE('only\n')}setTimeout(() => 0, 8000)`, { 'fluentd-request-ack': 'true' });
    await waitFor(() => first.messages().length === 1, 5_000);
    await first.close();
    const second = await listen();
    second.ackAll();
    await waitFor(() => second.messages().length > 0, 15_000);
    return second.messages()[0]?.record.log === 'only' ? 'sent again' : 'not sent again';
  });

  row('stop with a reading agent', 'ends', async () => {
    const at = await listen();
    const { stop } = await run(`${WRITE('a\n')}setInterval(() => 0, 1000)`);
    await waitFor(() => at.messages().length === 1, 5_000);
    return (await stop(15_000)) ? 'ends' : 'hangs';
  });
  near(
    'lines delivered of 5,000, async, stopped while the agent is frozen',
    { expected: 168, percent: 5 },
    async () => {
      const at = await listen(true);
      const { stop } = await run(`${FLOOD(5_000)}setInterval(() => 0, 1000)`, {
        'fluentd-async': 'true',
        'fluentd-buffer-limit': '10000',
      });
      await settledCount(folder());
      await sleep(500);
      // It does not come back before the agent reads again; what was queued is then discarded.
      const stopped = stop(20_000);
      await sleep(2_500);
      at.thaw();
      await stopped;
      await sleep(500);
      return at.messages().length;
    },
  );
  row('a connection that broke in the middle of a message', 'the next begins with a whole one', async () => {
    const first = await listen(true);
    await run(LONG_LINES);
    await settledCount(folder());
    await first.close();
    const second = await listen();
    await waitFor(() => second.messages().some(({ record }) => record.log?.startsWith('199x')), 20_000);
    const logs = second.messages().map(({ record }) => record.log ?? '');
    const seqs = logs.map((log) => Number.parseInt(log, 10));
    const areWhole = logs.every((log) => log.length === LONG_LINE_CHARS);
    const areInOrder = seqs.every((seq, index) => index === 0 || seq === seqs[index - 1]! + 1);
    return areWhole && areInOrder
      ? 'the next begins with a whole one'
      : `lengths ${[...new Set(logs.map(({ length }) => length))]}`;
  });
  row('stop with a frozen agent that holds back the program, sync', 'hangs', async () => {
    await listen(true);
    const { stop } = await run(FLOOD(40_000));
    await settledCount(folder());
    return (await stop(15_000)) ? 'ends' : 'hangs';
  });
}
