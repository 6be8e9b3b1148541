// What Docker 28 measured otherwise than 20.10 behind an agent that is frozen: writes that time out, connections that
// are replaced, reports of a full queue.

import { describe, expect, it } from 'vitest';
import type { DriverSpec } from '../model/scenario.ts';
import { startTestLogger, testLine } from './testing/test-logger.ts';

const lines = (from: number, count: number): string =>
  Array.from({ length: count }, (_, index) => `${testLine(from + index)}\n`).join('');
const docker28 = (over: Partial<DriverSpec>, options: Record<string, string>): Partial<DriverSpec> => ({
  ...{ docker: '28', options },
  ...over,
});

describe('fluentd-write-timeout of 28', () => {
  it('sync: blocks, and creeps one connection at a time', async () => {
    const { write, agent, logger, time, tally } = await startTestLogger(
      docker28({}, { 'fluentd-write-timeout': '2s' }),
    );
    agent.freeze();
    write(lines(0, 20_000));
    const perConnection = tally.sentMessages;
    // 167 messages of 100-byte lines fit in one unix connection.
    expect(perConnection).toBeGreaterThan(100);
    expect(logger.driver!.client.state).toBe('sending');
    time.advance(10_100);
    expect(agent.dials).toHaveLength(1 + 5);
    expect(tally.sentMessages).toBe(6 * perConnection);
  });

  it('keeps every line: what timed out goes again over the new connection', async () => {
    const { write, agent, time, tally } = await startTestLogger(docker28({}, { 'fluentd-write-timeout': '500ms' }));
    agent.freeze();
    write(lines(0, 1_000));
    time.advance(60_000);
    agent.thaw();
    time.advance(1_000);
    expect(tally.droppedMessages).toBe(0);
    expect(new Set(agent.messages().map(([, , { log }]) => log)).size).toBe(1_000);
  });

  it('gives a message up after fluentd-max-retries writes of it', async () => {
    const options = { 'fluentd-write-timeout': '1s', 'fluentd-max-retries': '1' };
    const { write, agent, time, tally } = await startTestLogger(docker28({}, options));
    agent.freeze();
    write(lines(0, 400));
    time.advance(1_100);
    expect(tally.takeInterval().dropped.get('max-retries')).toMatchObject({
      lines: 1,
      text: 'fluent#write: failed to write after 1 attempts',
    });
    time.advance(60_000);
    expect(tally.sentMessages + tally.droppedMessages).toBe(400);
  });

  it('with async bounds the stop: the open write ends, and the queue is discarded', async () => {
    const async = { async: true, bufferLimit: 1_000 };
    const { write, agent, logger, time } = await startTestLogger(docker28(async, { 'fluentd-write-timeout': '2s' }));
    agent.freeze();
    write(lines(0, 5_000));
    time.advance(1_000);
    const { client } = logger.driver!;
    client.close();
    expect(client.closed).toBe(false);
    time.advance(2_000);
    expect(client.closed).toBe(true);
  });

  it('sync and with few retries, a stop goes on giving up message after message', async () => {
    const options = { 'fluentd-write-timeout': '1s', 'fluentd-max-retries': '1' };
    const { write, agent, logger, time, tally } = await startTestLogger(docker28({}, options));
    agent.freeze();
    write(lines(0, 400));
    const { client } = logger.driver!;
    client.close();
    time.advance(1_000);
    expect(client.closed).toBe(false);
    expect(tally.droppedMessages).toBe(1);
    time.advance(60_000);
    expect(client.closed).toBe(true);
    expect(tally.sentMessages + tally.droppedMessages).toBe(400);
  });

  it('without it nothing bounds a write, on 28 as before', async () => {
    const { write, agent, logger, time } = await startTestLogger(docker28({ async: true }, {}));
    agent.freeze();
    write(lines(0, 500));
    time.advance(0);
    logger.driver!.client.close();
    time.advance(3_600_000);
    expect(logger.driver!.client.closed).toBe(false);
  });

  it('does not end a later write by the alarm of an earlier one', async () => {
    const { write, agent, time } = await startTestLogger(docker28({}, { 'fluentd-write-timeout': '2s' }));
    agent.freeze();
    write(lines(0, 300));
    time.advance(1_500);
    agent.thaw();
    time.advance(1);
    agent.freeze();
    write(lines(300, 400));
    time.advance(1_000);
    expect(agent.dials).toHaveLength(1);
    time.advance(1_100);
    expect(agent.dials).toHaveLength(2);
  });
});

describe('fluentd-async-reconnect-interval of 28', () => {
  it('replaces the connection between messages, and loses nothing', async () => {
    const { write, agent, time } = await startTestLogger(
      docker28({ async: true }, { 'fluentd-async-reconnect-interval': '1s' }),
    );
    for (let seq = 0; seq < 1_000; seq++) {
      write(lines(seq, 1));
      time.advance(5);
    }
    expect(agent.dials).toHaveLength(5);
    expect(agent.messages()).toHaveLength(1_000);
    time.advance(60_000);
    expect(agent.dials).toHaveLength(5);
  });

  it('is of no effect without async', async () => {
    const { write, agent, time } = await startTestLogger(docker28({}, { 'fluentd-async-reconnect-interval': '100ms' }));
    for (let seq = 0; seq < 100; seq++) {
      write(lines(seq, 1));
      time.advance(50);
    }
    expect(agent.dials).toHaveLength(1);
  });
});

describe('reports of a full queue', () => {
  it.each([
    ['18.09', 18_000, 18_000],
    ['20.10', 18_000, 18_000],
    ['28', 600, 999],
  ])('%s: between %d and %d lines in the log of the daemon for 18,000 messages in 2 s', async (docker, least, most) => {
    const { write, tally, time } = await startTestLogger({ docker, async: true, bufferLimit: 1 }, false);
    write(lines(0, 10));
    tally.takeInterval();
    for (let second = 0; second < 2; second++) {
      write(lines(0, 9_000));
      time.advance(1_000);
    }
    const { reports } = tally.takeInterval().dropped.get('queue-full')!;
    expect(reports).toBeGreaterThanOrEqual(least);
    expect(reports).toBeLessThanOrEqual(most);
  });
});
