// Tells inputs when what they have handed over is safe: see Keeper in model.ts. Batches are numbered in the order of their
// sealing; a mark waits for the number of the batch that was open when it was made.

import type { Keeper } from './model.ts';

/** What the marks are measured by. */
export interface KeeperFacts {
  /** Number of the newest batch that holds anything. */
  newest(): number;
  /** All batches up to this number are where acks may rest on. */
  bufferedUpTo(): number;
  /** All batches up to this number need not be read again. */
  settledUpTo(): number;
  /** Somebody waits for an ack: the open batch is to be sealed soon. */
  hurry(): void;
}

interface Mark {
  sequence: number;
  run(): void;
}

/** See the file's comment. The waiting marks are bounded by the connections and files that are open. */
export class Marks implements Keeper {
  private readonly facts: KeeperFacts;
  private readonly buffered: Mark[] = [];
  private readonly settled: Mark[] = [];

  constructor(facts: KeeperFacts) {
    this.facts = facts;
  }

  whenBuffered(run: () => void): void {
    const sequence = this.facts.newest();
    if (this.buffered.length === 0 && sequence <= this.facts.bufferedUpTo()) {
      run();
      return;
    }
    this.buffered.push({ sequence, run });
    this.facts.hurry();
  }

  whenSettled(run: () => void): void {
    const sequence = this.facts.newest();
    if (this.settled.length === 0 && sequence <= this.facts.settledUpTo()) run();
    else this.settled.push({ sequence, run });
  }

  /** To be called when a batch has been written or has found its end. */
  check(): void {
    if (this.buffered.length > 0) runDue(this.buffered, this.facts.bufferedUpTo());
    if (this.settled.length > 0) runDue(this.settled, this.facts.settledUpTo());
  }
}

function runDue(marks: Mark[], upTo: number): void {
  let due = 0;
  while (due < marks.length && (marks[due] as Mark).sequence <= upTo) due++;
  if (due > 0) for (const mark of marks.splice(0, due)) mark.run();
}
