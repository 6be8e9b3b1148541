// After load and faults: waits until the pipeline has nothing more to give. It is over when everything that entered
// came out, or when nothing moved for two of the agent's flushes; a loop that keeps howling is watched for long
// enough to be judged (two flush intervals and two seconds), then left.

import { nowNs, sleep } from '../core/real-clock.ts';
import type { Progress } from './progress.ts';

const POLL_MS = 100;
const SETTLE_MS = 600;
const QUIET_MIN_MS = 1_500;
/** A daemon's driver looks for an agent that was away again after about two seconds. */
const UNSEEN_QUIET_MIN_MS = 3_500;
const HOWL_BYTES_PER_SECOND = 1_024;

/** Waits for the drain; resolves to why it ended. */
export async function drain({
  progress,
  limitMs,
  signal,
  onTick,
}: {
  progress: Progress;
  limitMs: number;
  signal: AbortSignal;
  onTick(): void;
}): Promise<string> {
  const startNs = nowNs();
  const elapsedMs = (): number => (nowNs() - startNs) / 1e6;
  while (elapsedMs() < limitMs) {
    await sleep(POLL_MS, signal);
    onTick();
    const ended = drainedBy(progress, elapsedMs());
    if (ended) return ended;
  }
  return `still moving after ${Math.round(limitMs / 1_000)} s`;
}

/** Why the drain is over, or null while it is not; `elapsedMs` since it began. */
export function drainedBy(progress: Progress, elapsedMs: number): string | null {
  const { totals } = progress;
  const isHowling = progress.ownBytesPerSecond() > HOWL_BYTES_PER_SECOND;
  const twoFlushesMs = 2 * progress.flushIntervalMs();
  if (isHowling) return elapsedMs > twoFlushesMs + 2_000 ? 'own output keeps coming' : null;
  // Where nobody sees the driver's reads, being equal means nothing: only quiet does.
  const isSeen = totals.readLines > 0;
  const isEmpty = isSeen && !progress.isDriverHolding() && totals.sentLines >= totals.readLines - totals.droppedLines;
  if (isEmpty && totals.acceptedLines >= totals.sentLines && progress.appQuietMs() > SETTLE_MS && elapsedMs > SETTLE_MS)
    return 'everything came out';
  const quietMs = Math.max(isSeen ? QUIET_MIN_MS : UNSEEN_QUIET_MIN_MS, twoFlushesMs + 500);
  return progress.quietMs() > quietMs && elapsedMs > quietMs ? 'nothing moved any more' : null;
}
