// Tells inputs when what they have handed over is safe: see Keeper in model.ts. Batches are numbered in the order of their
// sealing; a mark waits for the number of the batch that was open when it was made, and for the lines that were held back.

import type { Keeper } from './model.ts';

/** What the marks are measured by. */
export interface KeeperFacts {
  /** Number of the newest batch that holds anything. */
  newest(): number;
  /** All batches up to this number are where acks may rest on. */
  bufferedUpTo(): number;
  /** All batches up to this number need not be read again. */
  settledUpTo(): number;
  /** The newest stamp of a line that is held back, see buffer/held-lines.ts. */
  heldNewest(): number;
  /** Held lines up to this stamp are where acks may rest on. */
  heldBufferedUpTo(): number;
  /** Held lines up to this stamp have gone on into batches that need not be read again. */
  heldSettledUpTo(): number;
  /** Somebody waits for an ack: the open batch is to be sealed soon, and held lines are to be written down. */
  hurry(): void;
}

interface Mark {
  sequence: number;
  stamp: number;
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
    const mark = this.mark(run);
    if (this.buffered.length === 0 && isDue(mark, this.bufferedUpTo())) {
      run();
      return;
    }
    this.buffered.push(mark);
    this.facts.hurry();
  }

  whenSettled(run: () => void): void {
    const mark = this.mark(run);
    if (this.settled.length === 0 && isDue(mark, this.settledUpTo())) run();
    else this.settled.push(mark);
  }

  /** To be called when a batch has been written or has found its end. */
  check(): void {
    if (this.buffered.length > 0) runDue(this.buffered, this.bufferedUpTo());
    if (this.settled.length > 0) runDue(this.settled, this.settledUpTo());
  }

  private mark(run: () => void): Mark {
    return { sequence: this.facts.newest(), stamp: this.facts.heldNewest(), run };
  }

  private bufferedUpTo(): Omit<Mark, 'run'> {
    return { sequence: this.facts.bufferedUpTo(), stamp: this.facts.heldBufferedUpTo() };
  }

  private settledUpTo(): Omit<Mark, 'run'> {
    return { sequence: this.facts.settledUpTo(), stamp: this.facts.heldSettledUpTo() };
  }
}

function isDue(mark: Mark, upTo: Omit<Mark, 'run'>): boolean {
  return mark.sequence <= upTo.sequence && mark.stamp <= upTo.stamp;
}

function runDue(marks: Mark[], upTo: Omit<Mark, 'run'>): void {
  let due = 0;
  while (due < marks.length && isDue(marks[due] as Mark, upTo)) due++;
  if (due > 0) for (const mark of marks.splice(0, due)) mark.run();
}
