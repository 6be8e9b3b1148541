// Takes a refused batch apart into two of about half the size, in order.

import type { Batch } from '../model.ts';
import { type RawEntry, rawEntries, rebuildBatch } from './rebuild-batch.ts';

/** The two halves of a batch; `undefined` if it holds one entry and cannot be split. */
export function splitBatch(batch: Batch): [Batch, Batch] | undefined {
  if (batch.entries < 2) return undefined;
  const entries = [...rawEntries(batch)];
  const cut = middle(entries);
  const first = rebuildBatch(batch, entries.slice(0, cut));
  const second = rebuildBatch(batch, entries.slice(cut));
  return first === undefined || second === undefined ? undefined : [first, second];
}

/** By bytes, but each half gets at least one entry. */
function middle(entries: readonly RawEntry[]): number {
  const half = entries.reduce((sum, { bytes }) => sum + bytes.length, 0) / 2;
  let seen = 0;
  for (let i = 0; i < entries.length - 1; i++) {
    if (i > 0 && seen + (entries[i] as RawEntry).bytes.length > half) return i;
    seen += (entries[i] as RawEntry).bytes.length;
  }
  return entries.length - 1;
}
