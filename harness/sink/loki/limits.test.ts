import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTokenBucket, formatByteSize } from './limits.ts';

describe('createTokenBucket', () => {
  it('bytes allowed ≤ burst + rate × time, however they are asked for', () => {
    const asks = fc.array(fc.record({ waitMs: fc.nat({ max: 2_000 }), bytes: fc.nat({ max: 3_000 }) }), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(asks, (steps) => {
        const bucket = createTokenBucket({ perSecond: 1_000, burst: 2_000 });
        let nowMs = 0;
        let allowed = 0;
        for (const { waitMs, bytes } of steps) {
          nowMs += waitMs;
          if (bucket.allow(BigInt(nowMs) * 1_000_000n, bytes)) allowed += bytes;
          expect(allowed).toBeLessThanOrEqual(2_000 + nowMs + 1e-6);
        }
      }),
    );
  });

  it('a refusal costs nothing, a clock that goes back gives nothing', () => {
    const bucket = createTokenBucket({ perSecond: 1_000, burst: 100 });
    expect([bucket.allow(5_000n, 101), bucket.allow(5_000n, 100), bucket.allow(0n, 1)]).toEqual([false, true, false]);
  });

  it('an infinite rate allows everything', () => {
    const bucket = createTokenBucket({ perSecond: Number.POSITIVE_INFINITY, burst: Number.POSITIVE_INFINITY });
    expect(bucket.allow(0n, 1e15)).toBe(true);
  });
});

describe('formatByteSize', () => {
  it.each([
    [0, '0B'],
    [1_000, '1000B'],
    [1_024, '1KB'],
    [1_536, '1536B'],
    [3 * 1_048_576, '3MB'],
    [1_073_741_824, '1GB'],
  ])('prints %d as %s', (bytes, text) => {
    expect(formatByteSize(bytes)).toBe(text);
  });
});
