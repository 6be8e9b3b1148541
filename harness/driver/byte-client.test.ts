import { describe, expect, it } from 'vitest';
import { LINE_KINDS } from '../model/line-record.ts';
import { startTestLogger, testLine } from './testing/test-logger.ts';

const OLD = { docker: '18.09' };
const lines = (from: number, count: number): string =>
  Array.from({ length: count }, (_, index) => `${testLine(from + index)}\n`).join('');

describe('the fluentd client of 18.09', () => {
  it('does not start without an agent, but does with fluentd-async-connect', async () => {
    expect((await startTestLogger(OLD, false)).startError()).toContain('no such file or directory');
    expect((await startTestLogger({ ...OLD, async: true }, false)).startError()).toBeNull();
  });

  it('does not block while the agent is away: keeps 1 MiB of messages, then drops', async () => {
    const { write, agent, logger, tally, time, records } = await startTestLogger({ ...OLD, async: true }, false);
    expect(write(lines(0, 20_000))).toBe(2_000_000);
    const kept = logger.driver!.queued;
    expect(tally.droppedMessages).toBe(20_000 - kept);
    expect(tally.takeInterval().dropped.get('queue-full')!.text).toBe(
      'fluent#appendBuffer: Buffer full, limit 1048576',
    );
    expect(records[0]).toMatchObject({ kind: LINE_KINDS.driverDropped, detail: 2, seq: kept });
    agent.listening = true;
    time.advance(10_000);
    expect(agent.writes).toHaveLength(1);
    expect(agent.writes[0]!.length).toBeLessThanOrEqual(1_048_576);
    expect(agent.writes[0]!.length).toBeGreaterThan(1_048_576 - 300);
    expect(agent.messages()).toHaveLength(kept);
    expect(tally.sentMessages).toBe(kept);
  });

  it('blocks behind a frozen agent even with fluentd-async-connect, stderr at the lock', async () => {
    const { write, agent, logger, time, tally } = await startTestLogger({ ...OLD, async: true });
    write(lines(0, 1));
    agent.freeze();
    const taken = write(lines(1, 20_000));
    expect(taken).toBeLessThan(1_300_000);
    expect(logger.streams[0]!.wantsRead).toBe(false);
    write('from stderr\n', 1);
    expect(logger.streams[1]!.copier.blocked).toBe(true);
    agent.thaw();
    time.advance(10);
    expect(tally.droppedMessages).toBe(0);
    expect(tally.sentMessages).toBe(1 + Math.floor(taken / 100) + 1);
    expect(logger.streams.every(({ wantsRead }) => wantsRead)).toBe(true);
  });

  it('dials only with the next message after a failed write, and keeps the failed one', async () => {
    const { write, agent, time } = await startTestLogger(OLD);
    write(lines(0, 1));
    agent.die();
    agent.listening = true;
    write(lines(1, 1));
    time.advance(60_000);
    expect(agent.dials).toHaveLength(1);
    write(lines(2, 1));
    time.advance(0);
    expect(agent.dials).toHaveLength(2);
    expect(agent.messages().map(([, , { log }]) => log)).toEqual(lines(0, 3).trimEnd().split('\n'));
  });

  it('waits without a cap between dials', async () => {
    const { write, agent, time } = await startTestLogger({ ...OLD, async: true }, false);
    write(lines(0, 1));
    time.advance(400_000);
    const gaps = agent.dials.slice(1).map((at, index) => (at - agent.dials[index]!) / 1000);
    expect(gaps.slice(0, 14)).toEqual([0, 1, 1, 2, 3, 5, 7, 11, 17, 25, 38, 57, 86, 129]);
  });

  it('is gone with all it holds after fluentd-max-retries, where the library panics', async () => {
    const options = { 'fluentd-max-retries': '2' };
    const { write, time, tally, logger } = await startTestLogger({ ...OLD, async: true, options }, false);
    write(lines(0, 5));
    time.advance(60_000);
    write(lines(5, 1));
    expect(logger.driver!.client.state).toBe('closed');
    expect(tally.droppedMessages).toBe(6);
  });

  it('sends its whole buffer again when a write of it failed half way', async () => {
    const { write, agent, time, tally } = await startTestLogger(OLD);
    write(lines(0, 1));
    agent.freeze();
    write(lines(1, 1_000));
    const pending = tally.sentMessages;
    agent.die();
    agent.listening = true;
    time.advance(1);
    const again = agent.messages().map(([, , { log }]) => log);
    expect(again[1]).toBe(testLine(pending));
    expect(again.at(-1)).toBe(testLine(1_000));
  });
});
