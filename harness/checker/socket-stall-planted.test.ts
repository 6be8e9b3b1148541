// Standstills planted into long histories: found where they are, and nothing else.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPrng } from '../core/prng.ts';
import { atMs, type Journey, journey } from '../testing/journey.ts';
import { calmMachine, control, logger, type MadeRun, type Moment } from './testing/check-history.ts';
import { check, sending } from './testing/held-up-lines.ts';

interface Plan {
  seed: number;
  length: number;
  place: number;
  tookMs: number;
}

/** How many lines; each makes two events. */
interface Size {
  min: number;
  max: number;
}

const plans = (minMs: number, maxMs: number, { min, max }: Size) =>
  fc.record<Plan>({
    seed: fc.nat(),
    length: fc.integer({ min, max }),
    place: fc.double({ min: 0, max: 0.9, noNaN: true }),
    tookMs: fc.integer({ min: minMs, max: maxMs }),
  });

const STEP_MS = 8;

/** Writes of up to 7 ms every 8 ms, now and then one of 90 ms; `plant` makes one of them longer. */
function makeLines({ seed, length }: Plan, plant?: { seq: number; tookMs: number }): Journey[] {
  const random = createPrng(seed);
  let freeMs = 0;
  return Array.from({ length }, (_, seq) => {
    const dueMs = seq * STEP_MS;
    const beginMs = Math.max(dueMs, freeMs);
    const usualMs = random.next() < 0.002 ? 90 : random.next() * 7;
    const tookMs = plant?.seq === seq ? plant.tookMs : usualMs;
    freeMs = beginMs + tookMs;
    const line = journey(seq, dueMs).planned();
    line.records.push({ ...journey(seq, beginMs).written({ tookMs }).records[0]! });
    return line;
  });
}

describe.each<[string, Size, number]>([
  ['thousands of lines', { min: 2_000, max: 20_000 }, 5],
  ['100,000 events', { min: 50_000, max: 52_000 }, 1],
])('among %s', (_, size, numRuns) => {
  const untilMs = ({ length }: Plan): number => length * STEP_MS + 10_000;
  const makeRun = (plan: Plan, plant?: { seq: number; tookMs: number }): MadeRun => ({
    lines: { web: makeLines(plan, plant) },
    loadEndMs: plan.length * STEP_MS,
    endMs: untilMs(plan),
  });

  it('nothing is found where all is legal', async () => {
    await fc.assert(
      fc.asyncProperty(plans(0, 1, size), async (plan) => {
        expect(await check(makeRun(plan), calmMachine(untilMs(plan)))).toMatchObject({ verdict: 'valid', found: [] });
      }),
      { numRuns },
    );
  });

  it.each([
    ['freeze', 1_000, 5_000],
    ['spike', 500, 990],
  ])('one %s at a random place is found there, and nothing else', async (name, minMs, maxMs) => {
    await fc.assert(
      fc.asyncProperty(plans(minMs, maxMs, size), async (plan) => {
        const seq = Math.floor(plan.place * plan.length);
        const { found, findings } = await check(
          makeRun(plan, { seq, tookMs: plan.tookMs }),
          calmMachine(untilMs(plan)),
        );
        // A standstill in blocked time may join a write of 90 ms next to it, never one far away.
        expect(found).toEqual([`${name}@app..driver`]);
        expect(Math.abs(findings[0]!.fromMs - seq * STEP_MS)).toBeLessThan(400);
        expect(findings[0]!.numbers.longestMs!).toBeGreaterThanOrEqual(plan.tookMs - 0.001);
      }),
      { numRuns },
    );
  });

  it('a freeze at a random place is not known where the control stood still with it', async () => {
    await fc.assert(
      fc.asyncProperty(plans(1_000, 5_000, size), async (plan) => {
        const seq = Math.floor(plan.place * plan.length);
        const noise = control(seq * STEP_MS + plan.tookMs, plan.tookMs * 0.6);
        const { verdict, found } = await check(makeRun(plan, { seq, tookMs: plan.tookMs }), [
          ...calmMachine(untilMs(plan)),
          noise,
        ]);
        expect({ verdict, found }).toEqual({ verdict: 'unknown', found: [] });
      }),
      { numRuns },
    );
  });

  it('a circular wait at a random moment is found there, and nothing else', async () => {
    await fc.assert(
      fc.asyncProperty(plans(1_000, 5_000, size), async (plan) => {
        const fromMs = Math.floor(plan.place * plan.length * STEP_MS);
        const stuck = Array.from({ length: 4 }, (_, index) =>
          logger(fromMs + index * 500, { app: '@agent', ...sending }),
        );
        const threads: Moment = {
          ...{ kind: 'probe', hop: 'agent', atNs: atMs(fromMs + 700) },
          data: { probe: 'agent-threads', threads: [{ tid: 1, wchan: 'pipe_write', syscall: '1' }] },
        };
        const { found, findings } = await check(
          { ...makeRun(plan), events: [...stuck, threads] },
          calmMachine(untilMs(plan)),
        );
        expect(found).toEqual(['circular-wait@driver..agent']);
        expect(findings[0]!.fromMs).toBeCloseTo(fromMs, 3);
      }),
      { numRuns },
    );
  });

  it('a container runtime that hangs at a random moment is found there, and nothing else', async () => {
    await fc.assert(
      fc.asyncProperty(plans(15_001, 90_000, size), async (plan) => {
        const fromMs = Math.floor(plan.place * plan.length * STEP_MS);
        const came = (ms: number, tookMs: number): Moment => ({
          ...{ kind: 'probe', hop: 'driver', atNs: atMs(ms) },
          data: { probe: 'runtime', command: 'docker inspect web', tookMs },
        });
        const prompt = Array.from({ length: Math.floor((plan.length * STEP_MS) / 5_000) }, (_one, index) =>
          came(index * 5_000, 40 + (index % 10) * 1_000),
        );
        const run = { ...makeRun(plan), events: [...prompt, came(fromMs + plan.tookMs, plan.tookMs)] };
        const { verdict, found, findings } = await check(run, calmMachine(untilMs(plan)));
        expect({ verdict, found }).toEqual({ verdict: 'invalid', found: ['runtime-hang@driver'] });
        expect(findings[0]!.fromMs).toBeCloseTo(fromMs, 3);
        expect(findings[0]!.numbers).toEqual({ hangs: 1, tookMaxMs: plan.tookMs });
      }),
      { numRuns },
    );
  });
});
