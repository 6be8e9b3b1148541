// Books the ends that entries find at one output, and hands over dead letters: where something is counted, and under which
// name, stands here only.

import type { Batch, BatchPart, OutputCounts } from '../model.ts';
import { addCount, type Counters } from '../observe/counters.ts';

/** Takes what is given up for good. */
export interface LetterBox {
  add(batch: Batch, reason: string): void;
}

/** See the file's comment. */
export class Ends {
  private readonly index: number;
  private readonly counters: Counters;
  private readonly letters: LetterBox | undefined;

  /** @param index number of the output. */
  constructor(index: number, counters: Counters, letters: LetterBox | undefined) {
    this.index = index;
    this.counters = counters;
    this.letters = letters;
  }

  /** The receiver has taken all of it. */
  sent(batch: Batch): void {
    this.counters.totals.bytesPushed += batch.bytes.length;
    for (const part of batch.parts) this.of(part).sent += part.entries;
  }

  /** The receiver has taken so many entries of these parts. */
  stored(parts: ReadonlyMap<BatchPart, number>): void {
    for (const [part, entries] of parts) this.of(part).sent += entries;
  }

  /** The receiver will never take it. */
  rejected(batch: Batch, reason: string): void {
    for (const part of batch.parts) addCount(this.of(part).rejected, reason, part.entries);
    this.letters?.add(batch, reason);
  }

  /** The receiver has refused `refused` entries of it for good, and taken the rest; which, nobody knows. */
  rejectedSome(batch: Batch, refused: number, reason: string): void {
    let left = refused;
    for (const part of batch.parts) {
      const some = Math.min(part.entries, left);
      left -= some;
      addCount(this.of(part).rejected, reason, some);
      this.of(part).sent += part.entries - some;
    }
    this.letters?.add(batch, reason);
  }

  /** The agent gives it up. */
  dropped(batch: Batch, reason: string): void {
    for (const part of batch.parts) addCount(this.of(part).dropped, reason, part.entries);
    this.letters?.add(batch, reason);
  }

  /** Lines became further entries. */
  split(parts: ReadonlyMap<BatchPart, number>): void {
    for (const [part, entries] of parts) this.of(part).split += entries;
  }

  private of(part: BatchPart): OutputCounts {
    return part.counters.outputs[this.index] as OutputCounts;
  }
}
