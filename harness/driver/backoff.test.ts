import { describe, expect, it } from 'vitest';
import { backoffMs } from './backoff.ts';

const YEAR_MS = 365.25 * 86_400_000;

/** Seconds at which dials happen, the first at 0, and the first wait that nobody lives through. */
function schedule(retryWaitMs: number, capMs: number | null = 60_000): { dials: number[]; endless: number } {
  const dials = [0];
  for (let attempt = 0; ; attempt++) {
    const waitMs = backoffMs(attempt, { retryWaitMs, capMs });
    if (waitMs > YEAR_MS) return { dials, endless: waitMs };
    dials.push(dials.at(-1)! + waitMs / 1000);
  }
}

describe('the backoff of the fluentd client', () => {
  it('dials at 0, 0, 1, 2, 4, 7, 12, 19, 30, 47, 72, 110, 167, 227 s with a base of one second', () => {
    expect(schedule(1_000).dials.slice(0, 14)).toEqual([0, 0, 1, 2, 4, 7, 12, 19, 30, 47, 72, 110, 167, 227]);
  });

  it('is uncapped in 18.09', () => {
    expect(backoffMs(13, { retryWaitMs: 1_000, capMs: null })).toBe(129_000);
    expect(backoffMs(13, { retryWaitMs: 1_000, capMs: 60_000 })).toBe(60_000);
    expect(backoffMs(2, { retryWaitMs: 30_000, capMs: null })).toBe(30_000);
  });

  it('overflows after about 83 minutes: two retries at once, a minute, then centuries', () => {
    const { dials, endless } = schedule(1_000);
    expect(dials.slice(-4).map((at) => at - dials.at(-1)!)).toEqual([-60, -60, -60, 0]);
    expect(dials.at(-1)).toBe(1 * 3_600 + 23 * 60 + 47);
    expect(Math.floor(endless / 3_600_000)).toBe(2_377_061);
  });

  it.each([
    [500, 1 * 3_600 + 23 * 60 + 6, 135],
    [3_000, 1 * 3_600 + 22 * 60 + 21, 242],
  ])('with a base of %i ms dies at second %i for %i years', (retryWaitMs, second, years) => {
    const { dials, endless } = schedule(retryWaitMs);
    expect(Math.floor(dials.at(-1)!)).toBe(second);
    expect(Math.floor(endless / YEAR_MS)).toBe(years);
  });
});
