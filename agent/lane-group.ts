// The lanes of a pipeline together: each sealed batch goes to all of them, and what all of them are done with is done.

import type { Lane } from './lane.ts';
import type { Batch } from './model.ts';

/** So many batches that wait for a healthy output, and reading rests for a moment. */
const BREATH_BATCHES = 4;

/** See the file's comment. */
export class LaneGroup {
  readonly all: readonly Lane[];
  /** The outputs that get the next batch; all if undefined. */
  private targets: readonly string[] | undefined;

  constructor(lanes: readonly Lane[]) {
    this.all = lanes;
  }

  /** Opens the buffers, one after the other. Rejects with `E_BUFFER`. */
  async open(): Promise<void> {
    for (const lane of this.all) await lane.open();
  }

  /** Each lane gets its own, for it changes it: attempts, throttled. */
  push(batch: Batch): void {
    const { targets } = this;
    const lanes = targets === undefined ? this.all : this.all.filter(({ name }) => targets.includes(name));
    if (lanes.length > 1) batch.share = { holders: lanes.length };
    for (const [i, lane] of lanes.entries()) lane.push(i === 0 ? batch : { ...batch });
  }

  /** What is pushed meanwhile goes to these outputs only. */
  only(outputs: readonly string[], run: () => void): void {
    this.targets = outputs;
    run();
    this.targets = undefined;
  }

  /** True when nothing waits in any. */
  get isEmpty(): boolean {
    return this.all.every((lane) => lane.entries === 0);
  }

  /** True while the buffer of one is full and its policy is to block. */
  get paused(): boolean {
    return this.all.some((lane) => lane.paused);
  }

  /** True while batches pile up before an output with which nothing is wrong. */
  get isBehind(): boolean {
    return this.all.some(({ queue, delivery }) => queue.length >= BREATH_BATCHES && delivery.failing === undefined);
  }

  get isAllMemory(): boolean {
    return this.all.every((lane) => lane.buffer.type === 'memory');
  }

  /** Since when the oldest entry of any has waited, on the agent's clock. */
  get oldestSinceMs(): number | undefined {
    const all = this.all.flatMap((lane) => lane.oldestSinceMs ?? []);
    return all.length > 0 ? Math.min(...all) : undefined;
  }

  /** The newest batch that all are done with in this sense. */
  upTo(sense: 'bufferedUpTo' | 'settledUpTo'): number {
    return Math.min(...this.all.map((lane) => lane[sense]));
  }

  /** Ends all at once. Resolves with the entries that had to be abandoned and those that are kept on disk. */
  async stop(): Promise<{ abandoned: number; kept: number }> {
    const sum = { abandoned: 0, kept: 0 };
    for (const { abandoned, kept } of await Promise.all(this.all.map((lane) => lane.stop()))) {
      sum.abandoned += abandoned;
      sum.kept += kept;
    }
    return sum;
  }
}
