// What a container that ends behind a frozen agent loses: with 20.10 what its pipes held when the daemon gave up on
// them (1,254 to 1,312 of some 11,900 lines of 100 bytes were measured), with 28 nothing.

import { describe, expect, it } from 'vitest';
import { LINE_KINDS } from '../model/line-record.ts';
import { startTestLogger, testLine } from './testing/test-logger.ts';

const lines = (count: number): string => Array.from({ length: count }, (_, seq) => `${testLine(seq)}\n`).join('');

describe('a container that ended behind a frozen agent', () => {
  const stall = async (docker: string) => {
    const test = await startTestLogger({ docker });
    test.agent.freeze();
    const written = Math.floor(test.write(lines(20_000)) / 100);
    return { ...test, written };
  };
  const seqsOf = (records: { kind: number; seq: number }[], kind: number): number[] =>
    records.filter((record) => record.kind === kind).map(({ seq }) => seq);

  it('keeps socket and byte pipe, loses the pipes, and is done when the agent thaws', async () => {
    const { logger, agent, time, records, written } = await stall('20.10');
    logger.cutPipes();
    expect(logger.drained).toBe(false);
    agent.thaw();
    time.advance(1_000);
    expect(logger.drained).toBe(true);
    const sent = seqsOf(records, LINE_KINDS.driverSent);
    const dropped = seqsOf(records, LINE_KINDS.driverDropped);
    // 1,048,512 bytes in the byte pipe, up to 16 KiB in the copier, 167 or so in the socket.
    expect(sent.length).toBeGreaterThan(10_485);
    expect(sent.length).toBeLessThan(10_485 + 170 + 164);
    expect(dropped.length).toBeGreaterThan(950);
    // FIFO and the hands of shim and daemon; on a real container the app's own pipe comes on top.
    expect(dropped.length).toBeLessThan(1_320);
    // Each line once; the one that was cut arrives in part, as a piece that nothing closes.
    const known = [...sent, ...dropped];
    expect(new Set(known).size).toBe(known.length);
    expect(sent.length + dropped.length).toBeGreaterThanOrEqual(written - 1);
    expect(Math.max(...sent)).toBeLessThan(Math.min(...dropped));
  });

  it('tells what was lost even when the agent never thaws', async () => {
    const { logger, records, written } = await stall('20.10');
    logger.cutPipes();
    logger.recordHeld();
    const held = seqsOf(records, LINE_KINDS.held).length;
    const dropped = seqsOf(records, LINE_KINDS.driverDropped).length;
    const sent = seqsOf(records, LINE_KINDS.driverSent).length;
    expect(dropped).toBeGreaterThan(950);
    expect(held + dropped + sent).toBeGreaterThanOrEqual(written - 1);
    expect(held + dropped + sent).toBeLessThanOrEqual(written + 1);
  });

  it('loses nothing that was already read when nothing is in the pipes', async () => {
    const { write, logger, records } = await startTestLogger();
    write(lines(100));
    logger.cutPipes();
    expect(logger.drained).toBe(true);
    expect(seqsOf(records, LINE_KINDS.driverSent)).toHaveLength(100);
    expect(seqsOf(records, LINE_KINDS.driverDropped)).toHaveLength(0);
  });
});
