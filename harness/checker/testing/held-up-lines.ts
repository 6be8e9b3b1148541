// Apps that write steadily, one of them held up, and the checker on what became of it.

import { type Journey, journey } from '../../testing/journey.ts';
import { socketStall } from '../socket-stall.ts';
import { calmMachine, checkHistory, type logger, type MadeRun, type Moment } from './check-history.ts';

/** A line each 100 ms that is written at once. */
export const steady = (): Journey[] =>
  Array.from({ length: 100 }, (_, seq) =>
    journey(seq, seq * 100)
      .planned()
      .written(),
  );

/** Steady lines, of which the one due at 3 s took `tookMs` and held up those behind it. */
export function heldUp(tookMs: number, { open = false } = {}): Journey[] {
  const lines = steady();
  const behind = Math.min(100, 30 + Math.ceil(tookMs / 100));
  for (let seq = 31; seq < behind; seq++) lines[seq] = writtenAt(seq, seq * 100, 3_000 + tookMs);
  lines[30] = journey(30, 3_000).planned().written({ tookMs, open });
  if (open) for (let seq = 31; seq < 100; seq++) lines[seq] = journey(seq, seq * 100).planned();
  return lines;
}

/** A line that was due at one moment and written at another. */
export function writtenAt(seq: number, dueMs: number, beginMs: number): Journey {
  const line = journey(seq, dueMs).planned();
  line.records.push({ ...journey(seq, beginMs).written().records[0]! });
  return line;
}

/** What the driver says of itself while it stands in a write that nobody reads. */
export const sending: Partial<Parameters<typeof logger>[1]> = {
  state: 'sending',
  blockedMs: 400,
  heldBytes: 1e6,
  pipeFull: true,
};
/** An app that nothing held up. */
export const quiet = steady();

/** Judges a run on a machine that is calm unless told otherwise. */
export function check(run: MadeRun, machine: Moment[] = calmMachine()) {
  return checkHistory(socketStall as never, { ...run, events: [...machine, ...(run.events ?? [])] });
}
