// What Docker 29 has beside 28: a timeout for acknowledgements, and reports that show the message.

import { describe, expect, it } from 'vitest';
import { describeInterval } from './flow-events.ts';
import { startTestLogger, testLine } from './testing/test-logger.ts';

describe('fluentd-read-timeout of 29', () => {
  const options = { 'fluentd-request-ack': 'true', 'fluentd-read-timeout': '2s' };

  it('sends a message again over a new connection when its answer does not come', async () => {
    const { write, agent, time, tally } = await startTestLogger({ docker: '29', options });
    write(`${testLine(0)}\n`);
    time.advance(1_900);
    expect(agent.dials).toHaveLength(1);
    time.advance(200);
    expect(agent.dials).toHaveLength(2);
    const logs = agent.messages().map(([, , { log }]) => log);
    expect(logs).toEqual([testLine(0), testLine(0)]);
    expect(tally.sentMessages).toBe(0);
  });

  it('bounds the stop of an async driver whose agent never answers', async () => {
    const { write, logger, time, tally } = await startTestLogger({ docker: '29', async: true, options });
    write(`${testLine(0)}\n${testLine(1)}\n`);
    time.advance(0);
    const { client } = logger.driver!;
    client.close();
    expect(client.closed).toBe(false);
    time.advance(2_000);
    expect(client.closed).toBe(true);
    expect(tally.droppedMessages).toBe(2);
  });

  it('is of no effect without acknowledgements', async () => {
    const { write, agent, time } = await startTestLogger({
      docker: '29',
      options: { 'fluentd-read-timeout': '100ms' },
    });
    write(`${testLine(0)}\n`);
    time.advance(10_000);
    expect(agent.dials).toHaveLength(1);
    expect(agent.messages()).toHaveLength(1);
  });
});

describe('reports of dropped messages', () => {
  it.each([
    ['18.09', undefined],
    ['20.10', undefined],
    ['28', undefined],
    ['29', true],
  ])('%s: show the message: %s', async (docker, shown) => {
    const { write, tally } = await startTestLogger({ docker, async: true, bufferLimit: 1 }, false);
    write(`${testLine(0)}\n`.repeat(20_000));
    const events = describeInterval('web', tally.takeInterval(), null);
    const { data } = events.find(({ kind }) => kind === 'driver-dropped')!;
    expect(data).toMatchObject({ reason: 'queue-full' });
    expect(data!.reportsPayload).toBe(shown);
  });
});
