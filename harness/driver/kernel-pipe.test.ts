import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createKernelPipe } from './kernel-pipe.ts';

/** Bytes that a pipe takes in writes of `size` until one is not taken whole. */
function fill(size: number): number {
  const pipe = createKernelPipe();
  while (pipe.write(size) === size);
  return pipe.length;
}

describe('the kernel pipe', () => {
  it('is full at 64,000 bytes of 100-byte writes, 40 to a page', () => {
    const pipe = createKernelPipe();
    let count = 0;
    while (pipe.write(100) === 100) count++;
    expect(count).toBe(640);
  });

  it('is full at 65,536 bytes of whole pages', () => {
    expect(fill(4_096)).toBe(65_536);
    expect(fill(32_768)).toBe(65_536);
  });

  it('wastes the rest of a page that the odd part of a write does not fit in', () => {
    expect(fill(2_100)).toBe(16 * 2_100);
    // 4,096 + 2,904: the odd part of the next write does not fit behind the odd part of the last one.
    expect(fill(7_000)).toBe(8 * 7_000);
  });

  it('does not let a blocked writer merge before a page is free', () => {
    const pipe = createKernelPipe();
    for (let page = 0; page < 16; page++) pipe.write(4_000);
    expect(pipe.write(200)).toBe(0);
    expect(pipe.write(50)).toBe(0);
    expect(pipe.read(4_000)).toBe(4_000);
    expect(pipe.write(50)).toBe(50);
  });

  it('keeps every byte: written = read + buffered ≤ 65,536', () => {
    const step = fc.record({ write: fc.integer({ min: 0, max: 32_768 }), read: fc.integer({ min: 0, max: 32_768 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        const pipe = createKernelPipe();
        let inside = 0;
        for (const { write, read } of steps) {
          inside += pipe.write(write);
          expect(inside).toBeLessThanOrEqual(65_536);
          inside -= pipe.read(read);
          expect(pipe.length).toBe(inside);
        }
      }),
    );
  });
});
