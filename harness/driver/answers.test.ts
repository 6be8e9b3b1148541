// Whatever an agent answers to a driver that asked for acknowledgements: no crash, no line lost or counted twice, and
// only the right answer counts. LARSEN_FUZZ_RUNS sets how many answers are tried.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LINE_KINDS } from '../model/line-record.ts';
import { createAckReader } from './ack-reader.ts';
import { startTestLogger, testLine } from './testing/test-logger.ts';

const RUNS = Number(process.env.LARSEN_FUZZ_RUNS ?? 200);
const answerTo = (chunk: string): Buffer =>
  Buffer.concat([Buffer.from([0x81, 0xa3, 0x61, 0x63, 0x6b, 0xa0 | chunk.length]), Buffer.from(chunk, 'latin1')]);

const piece = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.string({ maxLength: 31 }).map((chunk) => answerTo(Buffer.from(chunk).toString('latin1').slice(0, 31))),
);

describe('the reader of acknowledgements', () => {
  it('never throws, keeps little, and reads a right answer after a reset', () => {
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 60 }),
        fc.base64String({ minLength: 24, maxLength: 24 }),
        (pieces, id) => {
          const reader = createAckReader();
          for (const bytes of pieces) {
            const answer = reader.push(Buffer.from(bytes));
            expect(answer === undefined || answer === null || typeof answer === 'string').toBe(true);
          }
          reader.reset();
          expect(reader.push(answerTo(id))).toBe(id);
        },
      ),
      { numRuns: RUNS },
    );
  });
});

describe('a driver with fluentd-request-ack', () => {
  const spec = { options: { 'fluentd-request-ack': 'true' } };

  it('sends again after any wrong answer, and settles each line once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { minLength: 1, maxLength: 20 }), async (pieces) => {
        const test = await startTestLogger(spec);
        test.write(`${testLine(0)}\n${testLine(1)}\n`);
        for (const bytes of pieces) {
          test.agent.answer(Buffer.from(bytes));
          test.time.advance(1);
        }
        expect(test.tally.sentMessages).toBe(0);
        // A new connection forgets half an answer; then each message gets its own.
        test.agent.die();
        test.agent.listening = true;
        test.time.advance(120_000);
        for (let line = 0; line < 2; line++) {
          const { chunk } = test.agent.messages().at(-1)![3] as { chunk: string };
          test.agent.answer(answerTo(chunk));
          test.time.advance(1);
        }
        const sent = test.records.filter(({ kind }) => kind === LINE_KINDS.driverSent).map(({ seq }) => seq);
        expect(sent).toEqual([0, 1]);
        expect(test.records).toHaveLength(2);
      }),
      { numRuns: Math.min(RUNS, 2_000) },
    );
  });

  it('delivers twice what was read but not acknowledged before the connection broke', async () => {
    const { write, agent, time, tally } = await startTestLogger(spec);
    write(`${testLine(0)}\n`);
    agent.die();
    agent.listening = true;
    time.advance(10);
    const logs = agent.messages().map(([, , { log }]) => log);
    expect(logs).toEqual([testLine(0), testLine(0)]);
    expect(tally.sentMessages).toBe(0);
  });

  it('waits for an answer without bound, and the stop with it', async () => {
    const { write, logger, time } = await startTestLogger({ ...spec, async: true });
    write(`${testLine(0)}\n`);
    time.advance(0);
    logger.driver!.client.close();
    time.advance(3_600_000);
    expect(logger.driver!.client.closed).toBe(false);
  });
});
