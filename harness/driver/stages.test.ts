import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createStages } from './stages.ts';

describe('the stages between shim and line copier', () => {
  it('hold shim 32 K + FIFO 64 K + copy buffer 32 K + byte pipe 1,048,512 when nobody reads', () => {
    const stages = createStages();
    while (stages.wantsRead) stages.push(32_768);
    expect(stages.held).toBeGreaterThan(1_048_512 + 65_536 + 32_768);
    expect(stages.held).toBeLessThanOrEqual(1_048_512 + 65_536 + 2 * 32_768);
  });

  it('hold less behind small reads, because shim and copy loop hold one read each', () => {
    const stages = createStages();
    while (stages.wantsRead) stages.push(287);
    expect(stages.held).toBeLessThan(1_048_512 + 65_536 + 2 * 287 + 4_096);
    expect(stages.held).toBeGreaterThan(1_048_512 + 60_000);
  });

  it('let the shim read again as soon as the FIFO has taken what it held', () => {
    const stages = createStages();
    while (stages.wantsRead) stages.push(32_768);
    let drained = 0;
    while (!stages.wantsRead) drained += stages.take(2_048);
    // The byte pipe must fall below 1e6 first.
    expect(drained).toBeGreaterThan(48_512);
    expect(drained).toBeLessThan(48_512 + 2_048);
  });

  it('keep every byte in order of stages: pushed = taken + held', () => {
    const step = fc.record({ push: fc.integer({ min: 1, max: 32_768 }), takes: fc.integer({ min: 0, max: 40 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const stages = createStages();
        let pushed = 0;
        let taken = 0;
        for (const { push, takes } of steps) {
          if (stages.wantsRead) {
            stages.push(push);
            pushed += push;
          }
          for (let index = 0; index < takes; index++) taken += stages.take(2_048);
          expect(stages.held).toBe(pushed - taken);
        }
        for (let got = 1; got > 0; taken += got) got = stages.take(2_048);
        expect(taken).toBe(pushed);
      }),
    );
  });

  it('forget what the daemon holds when it restarts, and keep shim and FIFO', () => {
    const stages = createStages();
    while (stages.wantsRead) stages.push(32_768);
    const { held, inDaemon } = stages;
    expect(stages.stopDaemon()).toBe(inDaemon);
    expect(stages.held).toBe(held - inDaemon);
    expect(stages.held).toBeGreaterThan(65_536);
    // Nobody reads the FIFO while the daemon is away: the shim stays full, and so does the app's pipe.
    expect(stages.wantsRead).toBe(false);
    stages.startDaemon();
    expect(stages.wantsRead).toBe(true);
  });
});
