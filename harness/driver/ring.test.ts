import { describe, expect, it } from 'vitest';
import { createOutMessage, type OutMessage } from './log-message.ts';
import { createRing } from './ring.ts';
import { startTestLogger, testLine } from './testing/test-logger.ts';

function ringTest(maxBytes: number) {
  const taken: number[] = [];
  const dropped: number[] = [];
  const driver = {
    log({ seq }: OutMessage): boolean {
      taken.push(seq);
      return false;
    },
  };
  const ring = createRing({ maxBytes, driver, onDropped: ({ seq }) => dropped.push(seq) });
  const log = (seq: number, lineBytes: number): boolean =>
    ring.log({ ...createOutMessage(0), seq, lineBytes, bytes: Buffer.alloc(lineBytes + 200) });
  return { ring, taken, dropped, log };
}

describe('the ring of mode=non-blocking', () => {
  it('counts the bytes of lines alone, without the message that the driver has', () => {
    const { ring, taken, dropped, log } = ringTest(1_000);
    for (let seq = 0; seq < 20; seq++) expect(log(seq, 100)).toBe(true);
    expect(taken).toEqual([0]);
    expect(ring.queued).toBe(10);
    expect(dropped).toEqual([11, 12, 13, 14, 15, 16, 17, 18, 19]);
  });

  it('takes any message when it is empty, however large', () => {
    const { ring, dropped, log } = ringTest(1_000);
    log(0, 10);
    log(1, 16_384);
    log(2, 0);
    expect(ring.queued).toBe(1);
    expect(dropped).toEqual([2]);
  });

  it('hands the oldest on when the driver returns', () => {
    const { ring, taken, log } = ringTest(1_000);
    for (let seq = 0; seq < 3; seq++) log(seq, 100);
    ring.returned();
    ring.returned();
    expect(taken).toEqual([0, 1, 2]);
    ring.returned();
    expect(ring.queued).toBe(0);
  });

  it('keeps the first 10,101 lines of 99 bytes behind a frozen agent, and never blocks the app', async () => {
    const { write, agent, logger, tally } = await startTestLogger({ mode: 'non-blocking' });
    agent.freeze();
    const text = Array.from({ length: 30_000 }, (_, seq) => `${testLine(seq)}\n`).join('');
    expect(write(text)).toBe(3_000_000);
    expect(logger.driver!.inRing).toBe(10_101);
    expect(tally.droppedMessages).toBe(30_000 - 10_101 - 1 - tally.sentMessages);
    expect(tally.takeInterval().dropped.get('ring-full')!.text).toBe('');
  });

  it('delivers what it kept after the thaw, in order', async () => {
    const { write, agent, time } = await startTestLogger({ mode: 'non-blocking' });
    agent.freeze();
    write(Array.from({ length: 3_000 }, (_, seq) => `${testLine(seq)}\n`).join(''));
    agent.thaw();
    time.advance(50);
    expect(agent.messages().map(([, , { log }]) => log)).toEqual(
      Array.from({ length: 3_000 }, (_, seq) => testLine(seq)),
    );
  });

  it('also stands in front of the 18.09 client', async () => {
    const { write, agent, tally, logger } = await startTestLogger({ docker: '18.09', mode: 'non-blocking' });
    agent.freeze();
    write(Array.from({ length: 20_000 }, (_, seq) => `${testLine(seq)}\n`).join(''));
    expect(logger.streams[0]!.wantsRead).toBe(true);
    expect(logger.driver!.inRing).toBe(10_101);
    expect(tally.droppedMessages).toBeGreaterThan(9_000);
  });

  it('does not save a start without an agent', async () => {
    expect((await startTestLogger({ mode: 'non-blocking' }, false)).startError()).toContain('no such file');
  });
});
