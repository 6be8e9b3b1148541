import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBytePipe } from './byte-pipe.ts';

const FIRST_BLOCK = 1_048_512;

describe('the byte pipe', () => {
  it('first blocks at 1,048,512 bytes when filled from empty', () => {
    const pipe = createBytePipe();
    let taken = 0;
    for (let left = 0; left < 2_000_000; left += 100) taken += pipe.write(100);
    expect(taken).toBe(FIRST_BLOCK);
    expect(pipe.write(1)).toBe(0);
  });

  it('admits almost another 1e6 once it was drained below 1e6', () => {
    const pipe = createBytePipe();
    expect(pipe.write(3_000_000)).toBe(FIRST_BLOCK);
    expect(pipe.read(48_512)).toBe(48_512);
    expect(pipe.write(3_000_000)).toBe(0);
    expect(pipe.read(1)).toBe(1);
    expect(pipe.write(3_000_000)).toBe(1_000_000);
    expect(pipe.length).toBe(1_999_999);
  });

  it('starts at 64 bytes again when it was emptied', () => {
    const pipe = createBytePipe();
    for (let round = 0; round < 3; round++) {
      expect(pipe.write(10_000)).toBe(10_000);
      expect(pipe.read(20_000)).toBe(10_000);
    }
    expect(pipe.write(2_000_000)).toBe(FIRST_BLOCK);
  });

  it('blocks only when its last slice is full, so it can hold far more than 1e6', () => {
    const pipe = createBytePipe();
    pipe.write(64 * (2 ** 11 - 1));
    pipe.read(64 * (2 ** 11 - 1) - 1);
    // The slices before the one of 65,536 are gone: the sizes up to 524,288 no longer add up to 1e6.
    expect(pipe.write(3_000_000)).toBeGreaterThan(1_900_000);
  });

  it('keeps every byte: written = read + buffered', () => {
    const step = fc.record({ write: fc.integer({ min: 0, max: 40_000 }), read: fc.integer({ min: 0, max: 30_000 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const pipe = createBytePipe();
        let written = 0;
        let read = 0;
        for (const { write, read: max } of steps) {
          const before = pipe.length;
          const taken = pipe.write(write);
          written += taken;
          if (taken < write) expect(before + taken).toBeGreaterThanOrEqual(1_000_000);
          read += pipe.read(max);
          expect(pipe.length).toBe(written - read);
        }
      }),
    );
  });
});
