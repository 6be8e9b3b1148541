import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createOutMessage, type LongLine } from './log-message.ts';
import { createMessageQueue } from './message-queue.ts';
import { createNumberQueue } from './number-queue.ts';

const LONG = { id: 'x' } as LongLine;

describe('the message queue', () => {
  it('gives back what was put in, in order, over slabs and growing tables', () => {
    const step = fc.record({
      push: fc.array(fc.integer({ min: 1, max: 20_000 }), { maxLength: 80 }),
      shift: fc.nat(70),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const queue = createMessageQueue();
        const model: { seq: number; length: number; line: LongLine | null }[] = [];
        const head = createOutMessage(0);
        let seq = 0;
        for (const { push, shift } of steps) {
          for (const length of push) {
            const line = seq % 7 === 0 ? LONG : null;
            queue.push({
              ...createOutMessage(1),
              seq,
              line,
              lineBytes: length,
              bytes: Buffer.alloc(length, seq & 0xff),
            });
            model.push({ seq, length, line });
            seq++;
          }
          for (let count = 0; count < shift && model.length > 0; count++) {
            const expected = model.shift()!;
            expect(queue.first(head)).toBe(true);
            expect([head.seq, head.bytes.length, head.line, head.stream]).toEqual([
              expected.seq,
              expected.length,
              expected.line,
              1,
            ]);
            expect(head.bytes.every((byte) => byte === (expected.seq & 0xff))).toBe(true);
            queue.shift();
          }
          expect(queue.length).toBe(model.length);
          expect(queue.lineBytes).toBe(model.reduce((sum, { length }) => sum + length, 0));
        }
        const visited: number[] = [];
        queue.visitAll((meta) => visited.push(meta.seq));
        expect(visited).toEqual(model.map((one) => one.seq));
      }),
      { numRuns: 40 },
    );
  });
});

describe('the number queue', () => {
  it('is first in, first out, and Infinity when empty', () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.double({ noNaN: true }))), (steps) => {
        const queue = createNumberQueue();
        const model: number[] = [];
        for (const value of [...steps, ...Array.from({ length: 600 }, (_, index) => index)]) {
          if (value === null) expect(queue.shift()).toBe(model.shift() ?? Number.POSITIVE_INFINITY);
          else {
            queue.push(value);
            model.push(value);
          }
          expect(queue.first()).toBe(model[0] ?? Number.POSITIVE_INFINITY);
          expect(queue.length).toBe(model.length);
        }
      }),
      { numRuns: 20 },
    );
  });
});
