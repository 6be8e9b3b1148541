// What a receiver turned out to take at most, learned from its answers and remembered for a bounded time: settings change, and
// an answer may have come from something that stood in its place.

import type { Clock } from '../ports.ts';

/** What can be learned: bytes of a push before compression, bytes of a line. */
export type LimitKind = 'decodedBytes' | 'lineBytes';

/** A limit below this is no limit but an illness of the receiver. */
const LEAST: Readonly<Record<LimitKind, number>> = { decodedBytes: 65_536, lineBytes: 256 };

/** See the file's comment. */
export class LearnedLimits {
  private readonly known = new Map<LimitKind, { value: number; untilMs: number }>();
  private readonly clock: Clock;
  private readonly keptMs: number;

  constructor(clock: Clock, keptMs: number) {
    this.clock = clock;
    this.keptMs = keptMs;
  }

  /** Remembers a limit; while one is known, only a smaller one takes its place. The same one begins anew. */
  learn(kind: LimitKind, value: number): void {
    const limit = Math.max(LEAST[kind], Math.floor(value));
    if (limit > (this.of(kind) ?? Number.POSITIVE_INFINITY)) return;
    this.known.set(kind, { value: limit, untilMs: this.clock.nowMs() + this.keptMs });
  }

  /** Forgets all: there is another receiver. */
  forget(): void {
    this.known.clear();
  }

  /** The limit; `undefined` if none is known, or no longer. */
  of(kind: LimitKind): number | undefined {
    const known = this.known.get(kind);
    return known !== undefined && this.clock.nowMs() < known.untilMs ? known.value : undefined;
  }
}
