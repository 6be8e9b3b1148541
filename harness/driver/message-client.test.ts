import { describe, expect, it } from 'vitest';
import { LINE_KINDS } from '../model/line-record.ts';
import { startTestLogger, testLine } from './testing/test-logger.ts';

const lines = (from: number, count: number): string =>
  Array.from({ length: count }, (_, index) => `${testLine(from + index)}\n`).join('');

describe('the fluentd client of 20.10, sync', () => {
  it("does not start without an agent, and says so with Docker's words", async () => {
    const { startError } = await startTestLogger({}, false);
    expect(startError()).toBe('dial unix /x.sock: connect: no such file or directory');
  });

  it('writes each message with one write, in order', async () => {
    const { write, agent, startError } = await startTestLogger();
    expect(startError()).toBeNull();
    write(lines(0, 50));
    expect(agent.writes).toHaveLength(50);
    expect(agent.messages().map(([, , { log }]) => log)).toEqual(lines(0, 50).trimEnd().split('\n'));
  });

  it('blocks the app behind a frozen agent and loses nothing when it thaws', async () => {
    const { write, agent, logger, time, tally } = await startTestLogger();
    agent.freeze();
    const taken = write(lines(0, 20_000));
    expect(logger.streams[0]!.wantsRead).toBe(false);
    expect(logger.driver!.client.state).toBe('sending');
    expect(taken).toBeLessThan(1_048_512 + 65_536 + 3 * 32_768 + 2_048 + 16_700);
    expect(taken).toBeGreaterThan(1_048_512 + 65_536 + 32_768);
    const sentBefore = tally.sentMessages;
    agent.thaw();
    time.advance(10);
    expect(tally.sentMessages).toBe(Math.floor(taken / 100));
    expect(tally.sentMessages).toBeGreaterThan(sentBefore);
    expect(logger.streams[0]!.wantsRead).toBe(true);
  });

  it('dials again inside Log() when a write fails: 0, 0, 1, 2, 4, 7 s … and keeps the message', async () => {
    const { write, agent, logger, time } = await startTestLogger();
    write(lines(0, 1));
    agent.die();
    write(lines(1, 3));
    expect(logger.streams[0]!.copier.blocked).toBe(true);
    time.advance(13_000);
    expect(agent.dials.slice(1)).toEqual([0, 0, 1_000, 2_000, 4_000, 7_000, 12_000]);
    expect(logger.driver!.client.state).toBe('reconnecting');
    agent.listening = true;
    time.advance(6_000);
    expect(agent.dials.at(-1)).toBe(19_000);
    expect(agent.messages().map(([, , { log }]) => log)).toEqual(lines(0, 4).trimEnd().split('\n'));
  });

  it('gives a message up after fluentd-max-retries dials and goes on with the next', async () => {
    const { write, agent, time, records, tally } = await startTestLogger({ options: { 'fluentd-max-retries': '3' } });
    agent.die();
    write(lines(0, 1));
    time.advance(60_000);
    expect(agent.dials).toHaveLength(1 + 3);
    expect(tally.droppedMessages).toBe(1);
    expect(records.map(({ kind, seq, detail }) => [kind, seq, detail])).toEqual([[LINE_KINDS.driverDropped, 0, 5]]);
    expect(tally.takeInterval().dropped.get('max-retries')!.text).toBe(
      'fluent#write: could not connect to fluentd after 3 retries',
    );
    agent.listening = true;
    write(lines(1, 1));
    time.advance(0);
    expect(agent.messages()).toHaveLength(1);
  });

  it('lets stderr wait behind the open write of stdout', async () => {
    const { write, agent, logger, time, tally } = await startTestLogger();
    agent.freeze();
    write(lines(0, 500));
    write('from stderr\n', 1);
    expect(logger.streams.map(({ copier }) => copier.blocked)).toEqual([true, true]);
    agent.thaw();
    time.advance(10);
    expect(tally.sentMessages).toBe(501);
    expect(agent.messages().filter(([, , { source }]) => source === 'stderr')).toHaveLength(1);
  });
});

describe('the fluentd client of 20.10, async', () => {
  const limited = { async: true, bufferLimit: 1_000 };

  it('starts without an agent and delivers what it queued', async () => {
    const { startError, write, agent, time } = await startTestLogger({ async: true }, false);
    expect(startError()).toBeNull();
    write(lines(0, 10));
    time.advance(3_000);
    agent.listening = true;
    time.advance(5_000);
    expect(agent.messages()).toHaveLength(10);
  });

  it('never blocks: the queue keeps fluentd-buffer-limit messages beside the one being written', async () => {
    const { write, agent, logger, tally, records, time } = await startTestLogger(limited);
    write(lines(0, 1));
    time.advance(0);
    agent.freeze();
    expect(write(lines(1, 4_999))).toBe(499_900);
    expect(logger.streams[0]!.wantsRead).toBe(true);
    expect(logger.driver!.queued).toBe(1_000);
    expect(tally.droppedMessages).toBe(5_000 - tally.sentMessages - 1_001);
    expect(tally.takeInterval().dropped.get('queue-full')!.text).toBe('fluent#appendBuffer: Buffer full, limit 1000');
    const dropped = records.filter(({ kind }) => kind === LINE_KINDS.driverDropped);
    expect(dropped[0]!.seq).toBe(tally.sentMessages + 1_001);
    expect(dropped.at(-1)!.seq).toBe(4_999);
  });

  it('keeps the first of a flood that comes before the connection stands, and later ones where there was room', async () => {
    const { write, agent, time, records } = await startTestLogger(limited);
    agent.freeze();
    write(lines(0, 3_000));
    const dropped = (): number[] =>
      records.filter(({ kind }) => kind === LINE_KINDS.driverDropped).map(({ seq }) => seq);
    expect(dropped()).toEqual(Array.from({ length: 3_000 - 1_001 }, (_, index) => 1_001 + index));
    // Connected: the socket takes some, and as many of the next lines find room.
    time.advance(0);
    const taken = records.filter(({ kind }) => kind === LINE_KINDS.driverSent).length;
    expect(taken).toBeGreaterThan(100);
    write(lines(3_000, 2_000));
    expect(dropped().filter((seq) => seq >= 3_000)).toHaveLength(2_000 - taken);
    expect(dropped().filter((seq) => seq >= 3_000)[0]).toBe(3_000 + taken);
    agent.thaw();
    time.advance(10);
    const kept = [...Array(1_001).keys(), ...Array.from({ length: taken }, (_, index) => 3_000 + index)];
    expect(agent.messages().map(([, , { log }]) => Number(log!.split('-')[3]))).toEqual(kept);
  });

  it('sends what it kept in order after the thaw', async () => {
    const { write, agent, time } = await startTestLogger(limited);
    agent.freeze();
    write(lines(0, 900));
    agent.thaw();
    time.advance(10);
    expect(agent.messages().map(([, , { log }]) => log)).toEqual(lines(0, 900).trimEnd().split('\n'));
  });

  it('discards its queue at the stop, after the open write', async () => {
    const { write, agent, logger, tally, time } = await startTestLogger(limited);
    write(lines(0, 1));
    time.advance(0);
    agent.freeze();
    write(lines(1, 699));
    const { client } = logger.driver!;
    client.close();
    expect(client.closed).toBe(false);
    const sent = tally.sentMessages;
    agent.thaw();
    time.advance(0);
    expect(client.closed).toBe(true);
    expect(tally.sentMessages).toBe(sent + 1);
    expect(tally.droppedMessages).toBe(700 - sent - 1);
  });

  it('closes at once while the agent is away, and drops what it holds', async () => {
    const { write, logger, tally, time } = await startTestLogger(limited, false);
    write(lines(0, 20));
    time.advance(5_000);
    logger.driver!.client.close();
    expect(logger.driver!.client.closed).toBe(true);
    expect(tally.droppedMessages).toBe(20);
  });
});

describe('the fluentd client with fluentd-request-ack', () => {
  const acked = { options: { 'fluentd-request-ack': 'true' } };
  const answerTo = (chunk: string): Buffer =>
    Buffer.concat([Buffer.from([0x81, 0xa3, 0x61, 0x63, 0x6b, 0xb8]), Buffer.from(chunk)]);

  it('has one message in flight and goes on with its ack, however it is cut', async () => {
    const { write, agent, tally } = await startTestLogger(acked);
    write(lines(0, 2));
    expect(agent.messages()).toHaveLength(1);
    expect(tally.sentMessages).toBe(0);
    const { chunk } = agent.messages()[0]![3] as { chunk: string };
    const answer = answerTo(chunk);
    agent.answer(answer.subarray(0, 7));
    agent.answer(answer.subarray(7));
    expect(tally.sentMessages).toBe(1);
    expect(agent.messages()).toHaveLength(2);
  });

  it('closes the connection and sends again on a wrong answer', async () => {
    const { write, agent, time, tally } = await startTestLogger(acked);
    write(lines(0, 1));
    agent.answer(answerTo('A'.repeat(24)));
    time.advance(0);
    expect(agent.dials).toHaveLength(2);
    expect(agent.messages()).toHaveLength(2);
    expect(tally.sentMessages).toBe(0);
  });
});
