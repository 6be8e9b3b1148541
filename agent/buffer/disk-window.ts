// The batches of a disk buffer that are in memory and can be taken: in the order of sealing, and beside them those that
// overtake a backlog, in their own order. While both wait, they are taken turn by turn.

import type { Batch } from '../model.ts';
import { decodedBytesOf, insertBack, insertNew } from './queue.ts';

/** See the file's comment. */
export class BatchWindow {
  /** Memory of what waits here. */
  bytes = 0;
  private readonly backlog: Batch[] = [];
  private readonly live: Batch[] = [];
  private readonly overtaking = new WeakSet<Batch>();
  private isLivesTurn = true;

  get length(): number {
    return this.backlog.length + this.live.length;
  }

  get head(): Batch | undefined {
    return this.backlog[0] ?? this.live[0];
  }

  get decodedBytes(): number {
    return decodedBytesOf(this.backlog) + decodedBytesOf(this.live);
  }

  /** From now on the batch goes with those that overtake. */
  letOvertake(batch: Batch): void {
    this.overtaking.add(batch);
  }

  /** `made` goes where those go that it is made of, if one of them overtakes. */
  inherit(made: Batch, from: readonly Batch[]): void {
    if (from.some((batch) => this.overtaking.has(batch))) this.overtaking.add(made);
  }

  /** Adds a batch that was not here before. */
  add(batch: Batch): void {
    insertNew(this.lineOf(batch), batch);
    this.bytes += batch.capacityBytes;
  }

  /** Puts a taken batch, or a piece of one, back to its place. */
  putBack(batch: Batch): void {
    insertBack(this.lineOf(batch), batch);
    this.bytes += batch.capacityBytes;
  }

  take(): Batch | undefined {
    // One for one: the backlog goes on too.
    this.isLivesTurn = !this.isLivesTurn;
    const [first, second] = this.isLivesTurn ? [this.live, this.backlog] : [this.backlog, this.live];
    return this.taken(first.shift() ?? second.shift());
  }

  /** Takes the batch that follows a taken one, if it fits. */
  takeNext(after: Batch, fits: (next: Batch) => boolean): Batch | undefined {
    const line = this.lineOf(after);
    const [next] = line;
    return next !== undefined && fits(next) ? this.taken(line.shift()) : undefined;
  }

  /** Takes the oldest batch of the backlog that is one of those. */
  takeOldest(isOne: (batch: Batch) => boolean): Batch | undefined {
    const index = this.backlog.findIndex(isOne);
    return index < 0 ? undefined : this.taken(this.backlog.splice(index, 1)[0]);
  }

  private lineOf(batch: Batch): Batch[] {
    return this.overtaking.has(batch) ? this.live : this.backlog;
  }

  private taken(batch: Batch | undefined): Batch | undefined {
    if (batch !== undefined) this.bytes -= batch.capacityBytes;
    return batch;
  }
}
