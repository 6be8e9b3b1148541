import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createPacer, type PacerActions } from './pacer.ts';

interface Sent {
  index: number;
  atMs: number;
  latenessMs: number | null;
}

/** Runs a plan against a target whose answers take `answerMs` each, `tickMs` apart. */
function simulate({
  dueMs,
  connections,
  answerMs,
  tickMs,
  sendWithinMs,
}: {
  dueMs: number[];
  connections: number;
  answerMs: number;
  tickMs: number;
  sendWithinMs: number;
}) {
  const pacer = createPacer({ dueMs: Float64Array.from(dueMs), sendWithinMs });
  const sent: Sent[] = [];
  const notSent: { index: number; atMs: number }[] = [];
  let busyUntil: number[] = [];
  for (let nowMs = 0; !pacer.isDone() && nowMs < 100_000; nowMs += tickMs) {
    busyUntil = busyUntil.filter((until) => until > nowMs);
    const actions: PacerActions = {
      freeConnections: () => connections - busyUntil.length,
      send: (index, latenessMs) => {
        busyUntil.push(nowMs + answerMs);
        sent.push({ index, atMs: nowMs, latenessMs });
      },
      notSent: (index) => notSent.push({ index, atMs: nowMs }),
    };
    pacer.advance(nowMs, actions);
  }
  return { sent, notSent, isDone: pacer.isDone() };
}

const plans = fc.record({
  dueMs: fc.array(fc.integer({ min: 0, max: 3_000 }), { maxLength: 200 }).map((due) => due.sort((a, b) => a - b)),
  connections: fc.integer({ min: 1, max: 20 }),
  answerMs: fc.integer({ min: 1, max: 5_000 }),
  tickMs: fc.integer({ min: 1, max: 30 }),
  sendWithinMs: fc.integer({ min: 50, max: 1_000 }),
});

test('each due request is decided once: sent after its due time, or not sent after its patience', () => {
  fc.assert(
    fc.property(plans, (plan) => {
      const { sent, notSent, isDone } = simulate(plan);
      expect(isDone).toBe(true);
      expect([...sent, ...notSent].map(({ index }) => index).sort((a, b) => a - b)).toEqual(
        plan.dueMs.map((_, index) => index),
      );
      for (const { index, atMs } of sent) expect(atMs - plan.dueMs[index]!).toBeGreaterThanOrEqual(0);
      for (const { index, atMs } of notSent) {
        const waitedMs = atMs - plan.dueMs[index]!;
        expect(waitedMs).toBeGreaterThan(plan.sendWithinMs);
        // However long the target stands still, the decision comes at its own instant.
        expect(waitedMs).toBeLessThanOrEqual(plan.sendWithinMs + plan.tickMs);
      }
    }),
  );
});

test('lateness is ours only where a connection was free: never more than a tick', () => {
  fc.assert(
    fc.property(plans, (plan) => {
      for (const { latenessMs } of simulate(plan).sent) expect(latenessMs ?? 0).toBeLessThan(plan.tickMs);
    }),
  );
});

test('with connections to spare everything is sent, in order', () => {
  const dueMs = Array.from({ length: 100 }, (_, index) => index);
  const { sent, notSent } = simulate({ dueMs, connections: 1_000, answerMs: 5_000, tickMs: 1, sendWithinMs: 100 });
  expect(notSent).toEqual([]);
  expect(sent.map(({ index }) => index)).toEqual(dueMs);
});

test('a generator that was itself held up sends late rather than not at all, and says so', () => {
  const pacer = createPacer({ dueMs: Float64Array.of(10, 20), sendWithinMs: 100 });
  const sent: (number | null)[] = [];
  pacer.advance(500, {
    freeConnections: () => 5,
    send: (_, latenessMs) => void sent.push(latenessMs),
    notSent: () => expect.unreachable(),
  });
  expect(sent).toEqual([490, 480]);
});

test('it asks to be woken for the next due time, or for the end of a wait; a cut forgets what is not due', () => {
  const pacer = createPacer({ dueMs: Float64Array.of(10, 1_000), sendWithinMs: 100 });
  const busy: PacerActions = { freeConnections: () => 0, send: () => expect.unreachable(), notSent: () => undefined };
  expect(pacer.nextMs()).toBe(10);
  pacer.advance(10, busy);
  expect(pacer.nextMs()).toBe(111);
  pacer.advance(111, busy);
  expect(pacer.nextMs()).toBe(1_000);
  expect(pacer.isDone()).toBe(false);
  pacer.cut();
  expect(pacer.isDone()).toBe(true);
  expect(pacer.nextMs()).toBe(Infinity);
});
