// Decides which request is sent when, in an open model: each is due at its own instant, the first free connection
// takes the oldest that is due, and one that finds none within `sendWithinMs` is not sent at all. So a target that
// stands still never slows the plan that it is measured by. Pure: the caller brings the time and the connections.

/** What to pace. */
export interface PacerOptions {
  /** Due instants, ms since load start, ascending. */
  dueMs: Float64Array;
  /** How long a due request may wait for a free connection, ms. */
  sendWithinMs: number;
}

/** Called for each decision; `index` counts the due instants. */
export interface PacerActions {
  freeConnections(): number;
  /** `latenessMs` is null where the request had to wait for a connection: that is the target's lateness, not ours. */
  send(index: number, latenessMs: number | null): void;
  notSent(index: number): void;
}

/** Paces one load. */
export interface Pacer {
  /** Decides all that can be decided at `nowMs`. To be called at `nextMs` and whenever a connection becomes free. */
  advance(nowMs: number, actions: PacerActions): void;
  /** When to look again, ms since load start; Infinity when all is decided. */
  nextMs(): number;
  /** Nothing is left to decide. */
  isDone(): boolean;
  /** Forgets what is not due yet. */
  cut(): void;
}

/** Creates a pacer. Holds three numbers, whatever the length of the plan. */
export function createPacer({ dueMs, sendWithinMs }: PacerOptions): Pacer {
  let planned = dueMs.length;
  /** Oldest undecided; first that is not due; those before this one have waited for a connection. */
  let head = 0;
  let due = 0;
  let starved = 0;
  return {
    advance(nowMs, { freeConnections, send, notSent }) {
      while (due < planned && dueMs[due]! <= nowMs) due++;
      // What is too old is given up first, so that a connection that comes free takes one that is still in time.
      while (head < due && nowMs - dueMs[head]! > sendWithinMs && (head < starved || freeConnections() === 0))
        notSent(head++);
      for (; head < due && freeConnections() > 0; head++) send(head, head < starved ? null : nowMs - dueMs[head]!);
      if (head < due) starved = due;
    },
    nextMs: () =>
      Math.min(head < due ? dueMs[head]! + sendWithinMs + 1 : Infinity, due < planned ? dueMs[due]! : Infinity),
    isDone: () => head >= planned,
    cut: () => {
      planned = due;
    },
  };
}
