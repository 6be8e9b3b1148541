// Bounded waiting for what nobody announces: another process, the kernel, a peer that answers.

import { sleep } from './real-clock.ts';

const POLL_MS = 5;

/** Polls until `isTrue()` or `withinMs` have passed; tells whether it became true. `everyMs`: default 5. */
export async function waitUntil(
  isTrue: () => boolean,
  { withinMs, everyMs = POLL_MS, signal }: { withinMs: number; everyMs?: number; signal?: AbortSignal },
): Promise<boolean> {
  for (let waitedMs = 0; !isTrue(); waitedMs += everyMs) {
    if (waitedMs >= withinMs) return false;
    await sleep(everyMs, signal);
  }
  return true;
}
