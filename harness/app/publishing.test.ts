import { expect, test } from 'vitest';
import type { EmittedEvent } from '../model/event.ts';
import { LINE_KINDS } from '../model/line-record.ts';
import { createPublishing } from './publishing.ts';
import { createRecordConsumer, createRecordProducer, createRecordRing } from './record-ring.ts';

const MS = 1e6;

function setUp({ queued = false } = {}) {
  const shared = createRecordRing({ queued });
  const state = {
    nowNs: 0,
    records: [] as { kind: number; seq: number; value: number }[],
    events: [] as EmittedEvent[],
  };
  const step = createPublishing({
    app: 'web',
    consumer: createRecordConsumer(shared),
    writer: {
      append: (kind, _hop, _detail, seq, _atNs, value) => void state.records.push({ kind, seq, value }),
      flush: () => undefined,
    },
    emit: (event) => state.events.push(event),
    nowNs: () => state.nowNs,
    waitingLines: () => 12,
  });
  const producer = createRecordProducer(shared);
  const stepAt = (ms: number): void => {
    state.nowNs = ms * MS;
    step();
  };
  return { state, producer, stepAt };
}

test('a short write makes one record and no event', () => {
  const { state, producer, stepAt } = setUp();
  producer.open(LINE_KINDS.written, 0, 1, 10 * MS, 300, 9);
  stepAt(50);
  producer.append(LINE_KINDS.written, 0, 1, 10 * MS, 60 * MS, 300, 9);
  producer.clearOpen();
  stepAt(150);
  expect(state.records).toEqual([{ kind: LINE_KINDS.written, seq: 1, value: 60 * MS }]);
  expect(state.events).toEqual([]);
});

test('a write that stays open is one open record, an event with its age each time, then its full record and its end', () => {
  const { state, producer, stepAt } = setUp();
  producer.open(LINE_KINDS.written, 0, 1, 10 * MS, 300, 9);
  for (const ms of [100, 200, 300]) stepAt(ms);
  producer.append(LINE_KINDS.written, 0, 1, 10 * MS, 350 * MS, 300, 9);
  producer.clearOpen();
  stepAt(400);
  expect(state.records.map(({ value }) => value)).toEqual([0, 350 * MS]);
  expect(state.events).toEqual([
    {
      atNs: 200 * MS,
      kind: 'write-begin',
      hop: 'app',
      app: 'web',
      bytes: 300,
      data: { seq: 1, beginNs: 10 * MS, ageMs: 190, queued: false, waitingLines: 12 },
    },
    {
      atNs: 300 * MS,
      kind: 'write-begin',
      hop: 'app',
      app: 'web',
      bytes: 300,
      data: { seq: 1, beginNs: 10 * MS, ageMs: 290, queued: false, waitingLines: 12 },
    },
    {
      atNs: 350 * MS,
      kind: 'write-end',
      hop: 'app',
      app: 'web',
      bytes: 300,
      data: { seq: 1, beginNs: 10 * MS, endNs: 350 * MS },
    },
  ]);
});

test('a write that ended between two looks is not told as open, though it still stands there', () => {
  const { state, producer, stepAt } = setUp();
  producer.open(LINE_KINDS.written, 0, 1, 10 * MS, 300, 9);
  producer.append(LINE_KINDS.written, 0, 1, 10 * MS, 190 * MS, 300, 9);
  stepAt(200);
  expect(state.records.map(({ value }) => value)).toEqual([190 * MS]);
  expect(state.events).toEqual([]);
});

test('a queueing app records its open lines itself: the publisher adds no second record', () => {
  const { state, producer, stepAt } = setUp({ queued: true });
  producer.open(LINE_KINDS.written, 0, 1, 10 * MS, 300, 9);
  producer.append(LINE_KINDS.written, 0, 1, 10 * MS, 0, 300, 9);
  stepAt(200);
  expect(state.records.map(({ value }) => value)).toEqual([0]);
  expect(state.events).toMatchObject([{ kind: 'write-begin', data: { queued: true } }]);
});
