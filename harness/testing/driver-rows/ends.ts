// Acknowledgements, and what a stop waits for.

import { sleep } from '../../core/real-clock.ts';
import type { ServedMessage } from '../forward-server.ts';
import { FLOOD, settledCount, WRITE, waitFor } from './programs.ts';
import type { DriverSuite } from './suite.ts';

/** Adds the rows. */
export function addEndRows({ folder, listen, run, row }: DriverSuite): void {
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
  row('stop with a frozen agent that holds back the program, sync', 'hangs', async () => {
    await listen(true);
    const { stop } = await run(FLOOD(40_000));
    await settledCount(folder());
    return (await stop(15_000)) ? 'ends' : 'hangs';
  });
}
