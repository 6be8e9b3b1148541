// When a flow of the agent's own bytes howls (docs/judging.md, "Feedback loops"). The rules are the same at every point. A saturated
// howl has a ratio near 1 from one generation to the next, so neighbours are never compared.

import { type Flow, SLOT_MS } from './flow.ts';

/** What a flow is judged by. */
export interface LoopRule {
  flow: Flow;
  /** The apps' bytes beside it. */
  app: Flow;
  /** Own bytes per app byte that are still normal. */
  ownBytesPerAppByteMax: number;
  /** App bytes of refused pushes: what could be printed once. */
  refusedBytes: number;
  /** Two flush intervals after load and faults have ended. */
  quietFromMs: number;
  watchedUntilMs: number;
}

/** How a flow behaved. */
export interface LoopBehaviour {
  /** Over the limit for 2 s. */
  isLoud: boolean;
  /** Still going when all that could drive it had ended. */
  isLasting: boolean;
  /** In sum over 5 times what was refused. */
  isAmplified: boolean;
  fromMs: number;
  toMs: number;
}

const LOUD_BYTES_PER_SECOND = 10_000;
const LASTING_BYTES_PER_SECOND = 1_000;
const WINDOW_MS = 2_000;
const AMPLIFIED = 5;

/** Judges one flow. */
export function judgeFlow({
  flow,
  app,
  ownBytesPerAppByteMax,
  refusedBytes,
  quietFromMs,
  watchedUntilMs,
}: LoopRule): LoopBehaviour {
  const behaviour: LoopBehaviour = {
    isLoud: false,
    isLasting: false,
    isAmplified: flow.total() > AMPLIFIED * refusedBytes,
    fromMs: 0,
    toMs: 0,
  };
  for (let from = 0; from < flow.endMs(); from += SLOT_MS) {
    const to = from + WINDOW_MS;
    const bytes = flow.sum(from, to);
    const limit = Math.max((LOUD_BYTES_PER_SECOND * WINDOW_MS) / 1_000, ownBytesPerAppByteMax * app.sum(from, to));
    if (bytes > limit) {
      if (!behaviour.isLoud) behaviour.fromMs = from;
      behaviour.isLoud = true;
      behaviour.toMs = Math.min(to, flow.endMs());
    }
    const isQuietTime = from >= quietFromMs && from < watchedUntilMs;
    if (isQuietTime && flow.sum(from, Math.min(to, watchedUntilMs)) > (LASTING_BYTES_PER_SECOND * WINDOW_MS) / 1_000)
      behaviour.isLasting = true;
  }
  return behaviour;
}

/** Time from the end of all causes to the last 2 s in which the flow was over 1 KB/s; 0 when it never was. */
export function measureRingDown(flow: Flow, endedMs: number): number {
  let last = 0;
  for (let from = Math.max(0, Math.ceil(endedMs / SLOT_MS) * SLOT_MS); from < flow.endMs(); from += SLOT_MS) {
    if (flow.sum(from, from + WINDOW_MS) > (LASTING_BYTES_PER_SECOND * WINDOW_MS) / 1_000)
      last = from + WINDOW_MS - endedMs;
  }
  return last;
}
