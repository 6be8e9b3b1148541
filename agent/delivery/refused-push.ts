// What becomes of a push that was refused for good, in part or as a whole. What the answer names is poison; where it names
// nothing, and dead letters are kept, the poison is searched for by pushing halves.

import type { Batch, PushVerdict } from '../model.ts';
import { type CutPolicy, cutLines } from './cut-lines.ts';
import type { Ends } from './ends.ts';
import type { LearnedLimits } from './limits.ts';
import { sortRefused } from './sort-refused.ts';
import { splitBatch } from './split-batch.ts';

/** What the search works with. */
export interface RefusedParts {
  ends: Ends;
  limits: LearnedLimits;
  cut: CutPolicy;
  /** Dead letters are kept, so that it is worth to look for the poison. */
  searches: boolean;
  count(what: 'batchesSplit' | 'linesSplit' | 'linesTruncated', by: number): void;
}

/** Searches under way or just made; each success gives one back. A batch of a million needs twenty per record. */
const SEARCHES_MAX = 64;

/** See the file's comment. */
export class RefusedPushes {
  private readonly parts: RefusedParts;
  private searches = 0;

  constructor(parts: RefusedParts) {
    this.parts = parts;
  }

  /** A push went well: the search may go on. */
  succeeded(): void {
    this.searches = Math.max(0, this.searches - 1);
  }

  /** Books what has found its end. Returns what is to be pushed again in place of the batch. */
  settle(batch: Batch, verdict: PushVerdict & { kind: 'refused' }): Batch[] {
    const { ends, limits } = this.parts;
    if (verdict.refused === undefined) return this.settleWhole(batch, verdict.reason);
    const { stored, poison, long, lineMax, suspects, suspectsRefused } = sortRefused(batch, verdict.refused);
    ends.stored(stored);
    for (const { reason, batch: some } of poison) ends.rejected(some, reason);
    const again: Batch[] = [];
    if (long !== undefined && lineMax !== undefined) {
      limits.learn('lineBytes', lineMax);
      again.push(...this.cut(long, lineMax));
    }
    if (suspects === undefined) return again;
    const halves = this.search(suspects);
    if (halves === undefined) ends.rejectedSome(suspects, suspectsRefused ?? suspects.entries, verdict.reason);
    return [...again, ...(halves ?? [])];
  }

  /** Makes lines fit by policy; what does not go on is booked. Returns what does. */
  cut(batch: Batch, lineMax: number): Batch[] {
    const { ends, cut, count } = this.parts;
    const { batch: kept, dropped, added, split, truncated } = cutLines(batch, lineMax, cut);
    ends.split(added);
    count('linesSplit', split);
    count('linesTruncated', truncated);
    if (dropped !== undefined) ends.dropped(dropped, 'line_too_long');
    return kept === undefined ? [] : [kept];
  }

  private settleWhole(batch: Batch, reason: string): Batch[] {
    const halves = reason === 'refused' ? this.search(batch) : undefined;
    if (halves !== undefined) return halves;
    const isUnknown = reason === 'refused' && !this.parts.searches;
    this.parts.ends.rejected(batch, isUnknown ? 'refused_unknown' : reason);
    return [];
  }

  /** With much poison the search would cost a push per record, so it has a budget. */
  private search(batch: Batch): Batch[] | undefined {
    if (!this.parts.searches || this.searches >= SEARCHES_MAX) return undefined;
    const halves = splitBatch(batch);
    if (halves === undefined) return undefined;
    this.searches++;
    this.parts.count('batchesSplit', 1);
    return halves;
  }
}
