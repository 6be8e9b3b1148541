// Feeds the plan to an app of a plugin (`defineApp`, kind `lines`): one JSON line per due line on a stream (its
// file descriptor 3), each when it is due. The app then writes one line of its own that holds the id.

import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { nowNs, sleep } from '../core/real-clock.ts';
import { formatLineId } from '../model/line-id.ts';

/** Lines due within this time go out together, ms. */
const TICK_MS = 1;

/** What to feed, and when load began. `clock` is the real one unless a test brings its own. */
export interface LineFeed {
  plan: { dueMs: Float64Array; bytes: Uint32Array };
  run: string;
  app: string;
  out: Writable;
  loadStartNs: number;
  signal: AbortSignal;
  clock?: { nowNs(): number; sleep(delayMs: number, signal?: AbortSignal): Promise<void> };
}

/**
 * Writes `{"id","dueMs","bytes"}` for each line when it is due; late lines go out late, none is skipped. The id has
 * neither length nor checksum, since the line does not exist yet. Resolves to how many were fed: fewer than
 * planned after an abort or when the app has closed its end.
 */
export async function feedLines({
  plan,
  run,
  app,
  out,
  loadStartNs,
  signal,
  clock = { nowNs, sleep },
}: LineFeed): Promise<number> {
  let isClosed = false;
  const close = (): void => {
    isClosed = true;
  };
  out.once('error', close).once('close', close);
  let fed = 0;
  while (fed < plan.dueMs.length && !isClosed && !signal.aborted) {
    const nowMs = (clock.nowNs() - loadStartNs) / 1e6;
    let batch = '';
    for (; fed < plan.dueMs.length && plan.dueMs[fed]! <= nowMs && batch.length < 65_536; fed++)
      batch += formatFeed(fed, { plan, run, app });
    if (batch !== '') {
      if (!out.write(batch))
        await Promise.race([once(out, 'drain', { signal }), once(out, 'close')]).catch(() => undefined);
    } else {
      await clock.sleep(Math.max(plan.dueMs[fed]! - nowMs, TICK_MS), signal).catch(() => undefined);
    }
  }
  return fed;
}

function formatFeed(seq: number, { plan, run, app }: Pick<LineFeed, 'plan' | 'run' | 'app'>): string {
  const id = formatLineId({ run, app, seq, canary: false, bytes: 0, crc: 0 });
  return `${JSON.stringify({ id, dueMs: plan.dueMs[seq], bytes: plan.bytes[seq] })}\n`;
}
