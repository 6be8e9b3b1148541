import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createLineRecord, LINE_KINDS } from '../model/line-record.ts';
import {
  addHandedLines,
  createRecordConsumer,
  createRecordProducer,
  createRecordRing,
  readRingCounts,
  requestFlush,
} from './record-ring.ts';

test('what was appended is drained once and in order, however the two sides alternate', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 8 }), { maxLength: 60 }), (bursts) => {
      const shared = createRecordRing({ capacity: 8 });
      const producer = createRecordProducer(shared);
      const consumer = createRecordConsumer(shared);
      const drained: number[] = [];
      let seq = 0;
      for (const burst of bursts) {
        for (let index = 0; index < burst; index++, seq++)
          producer.append(LINE_KINDS.written, 7, seq, seq * 2, seq * 2 + 1, 300, seq);
        expect(
          consumer.drain((record) =>
            drained.push(record.seq + (record.atNs - record.seq * 2) + (record.crc - record.seq)),
          ),
        ).toBe(burst);
      }
      expect(drained).toEqual(Array.from({ length: seq }, (_, index) => index));
      expect(readRingCounts(shared)).toEqual({ endedLines: seq, handedLines: 0, ringFullCount: 0 });
    }),
  );
});

test('an open write is seen until it is cleared, and counts as ended only with its end', () => {
  const shared = createRecordRing();
  const producer = createRecordProducer(shared);
  const consumer = createRecordConsumer(shared);
  const record = createLineRecord();
  expect(consumer.readOpen(record)).toBe(false);
  producer.open(LINE_KINDS.written, 3, 42, 1_000, 300, 9);
  expect(consumer.readOpen(record)).toBe(true);
  expect(record).toEqual({
    kind: LINE_KINDS.written,
    hop: 0,
    detail: 3,
    seq: 42,
    atNs: 1_000,
    value: 0,
    bytes: 300,
    crc: 9,
  });
  producer.append(LINE_KINDS.written, 3, 42, 1_000, 0, 300, 9);
  producer.append(LINE_KINDS.anonymous, 3, 0, 1_000, 2_000, 0, 0);
  expect(readRingCounts(shared).endedLines).toBe(0);
  producer.clearOpen();
  expect(consumer.readOpen(record)).toBe(false);
});

test('a flush is done when the consumer has drained after it was asked', () => {
  const shared = createRecordRing({ queued: true });
  const consumer = createRecordConsumer(shared);
  addHandedLines(shared, 3);
  const isFlushed = requestFlush(shared);
  expect(isFlushed()).toBe(false);
  const wake = consumer.sleep(0, 0);
  consumer.markFlushed(wake);
  expect(isFlushed()).toBe(true);
  expect(consumer.queued).toBe(true);
  expect(readRingCounts(shared).handedLines).toBe(3);
});
