// Bounded waiting for the kernel to do what it was asked for.

import { sleep } from '../core/real-clock.ts';

const POLL_MS = 5;

/** Polls until `isTrue()` or `withinMs` have passed; tells whether it became true. */
export async function waitUntil(
  isTrue: () => boolean,
  { withinMs, signal }: { withinMs: number; signal: AbortSignal },
) {
  for (let waitedMs = 0; !isTrue(); waitedMs += POLL_MS) {
    if (waitedMs >= withinMs) return false;
    await sleep(POLL_MS, signal);
  }
  return true;
}
