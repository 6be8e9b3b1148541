// Which lines are held back in memory until their rest comes (the pieces of a long line, the lines of an event), and up to
// where what was taken is safe all the same. Each growth of a held line gets a stamp; an ack or a checkpoint waits for the
// stamps before it. Senders that wait for an ack before they send the rest would wait for ever on a line that is whole:
// so where there is a log of held lines (held-log.ts), an ack waits for that log alone.
//
//   grew ──► open ──pass──► passed, with the number of the batch that it went into ──► forgotten when that is settled

import type { HeldBook, HeldLine } from '../model.ts';

/** A piece that is to be written to the log, and what is written with the first one. */
export interface HeldPiece {
  ticket: number;
  line: HeldLine;
  from: number;
  to: number;
}

/** What the tickets are told to. */
export interface HeldTickets {
  /** There is something new to write. */
  demand(): void;
  /** These lines are safe elsewhere. */
  done(tickets: readonly number[]): void;
}

interface OpenState {
  ticket: number;
  firstStamp: number;
  lastStamp: number;
  /** The first that is not in the log; infinite if all are. */
  unloggedStamp: number;
  loggedLength: number;
  /** Tickets that end with it: its own once it is in the log, and those of lines that have become part of it. */
  tickets: number[];
}

interface Passed {
  batch: number;
  firstStamp: number;
  unloggedStamp: number;
  tickets: number[];
}

const NONE = Number.POSITIVE_INFINITY;

/** See the file's comment. */
export class HeldLines implements HeldBook {
  /** Where pieces are kept, if anywhere. */
  log: HeldTickets | undefined;
  /** The ticket that the next line gets. */
  nextTicket = 1;
  private readonly newestBatch: () => number;
  private readonly open = new Map<HeldLine, OpenState>();
  private readonly passed: Passed[] = [];
  private passing: OpenState | undefined;
  private stamp = 0;

  /** @param newestBatch number of the newest batch that holds anything. */
  constructor(newestBatch: () => number) {
    this.newestBatch = newestBatch;
  }

  grew(line: HeldLine): void {
    const stamp = ++this.stamp;
    let state = this.open.get(line);
    if (state === undefined) {
      const ticket = this.nextTicket++;
      state = { ticket, firstStamp: stamp, lastStamp: stamp, unloggedStamp: stamp, loggedLength: 0, tickets: [] };
      this.open.set(line, state);
    }
    state.lastStamp = stamp;
    state.unloggedStamp = Math.min(state.unloggedStamp, stamp);
    if (this.passing !== undefined) absorb(state, this.passing);
  }

  pass(line: HeldLine, run: () => void): void {
    const state = this.open.get(line);
    this.open.delete(line);
    const outer = this.passing;
    this.passing = state;
    run();
    this.passing = outer;
    if (state !== undefined && state.firstStamp < NONE) this.addPassed(state);
  }

  /** The newest stamp. */
  get newest(): number {
    return this.stamp;
  }

  /** Stamps up to this one are in the log, or in batches that acks may rest on. */
  loggedUpTo(bufferedUpTo: number): number {
    let first = NONE;
    for (const { unloggedStamp } of this.open.values()) first = Math.min(first, unloggedStamp);
    for (const { batch, unloggedStamp } of this.passed)
      if (batch > bufferedUpTo) first = Math.min(first, unloggedStamp);
    return first - 1;
  }

  /** Stamps up to this one are in batches that need not be taken again. */
  settledUpTo(settledUpTo: number): number {
    let first = NONE;
    for (const { firstStamp } of this.open.values()) first = Math.min(first, firstStamp);
    for (const { batch, firstStamp } of this.passed) if (batch > settledUpTo) first = Math.min(first, firstStamp);
    return first - 1;
  }

  /** To be called when batches were written or have found their end. */
  check(upTo: { buffered: number; settled: number }): void {
    let done = 0;
    const tickets: number[] = [];
    for (const group of this.passed) {
      if (group.batch > upTo.buffered) break;
      tickets.push(...group.tickets.splice(0));
      if (group.batch <= upTo.settled) done++;
    }
    if (done > 0) this.passed.splice(0, done);
    if (tickets.length > 0) this.log?.done(tickets);
  }

  /** What is not in the log yet. Its lines may grow and go on while it is written; `commit` says that it was. */
  collect(): { pieces: HeldPiece[]; commit(): void } {
    const taken: { state: OpenState; piece: HeldPiece }[] = [];
    for (const [line, state] of this.open) {
      if (state.loggedLength >= line.length && state.unloggedStamp === NONE) continue;
      const piece = { ticket: state.ticket, line, from: state.loggedLength, to: line.length };
      if (!state.tickets.includes(state.ticket)) state.tickets.push(state.ticket);
      taken.push({ state, piece });
    }
    const { stamp } = this;
    const commit = (): void => {
      for (const { state, piece } of taken) {
        state.loggedLength = piece.to;
        state.unloggedStamp = state.lastStamp <= stamp ? NONE : stamp + 1;
      }
    };
    return { pieces: taken.map(({ piece }) => piece), commit };
  }

  /** All that is open is to be written from its beginning: the log goes on in another file. */
  writeAnew(): void {
    for (const state of this.open.values()) state.loggedLength = 0;
  }

  private addPassed({ firstStamp, unloggedStamp, tickets }: OpenState): void {
    const batch = this.newestBatch();
    const last = this.passed.at(-1);
    if (last?.batch !== batch) {
      this.passed.push({ batch, firstStamp, unloggedStamp, tickets });
      return;
    }
    last.firstStamp = Math.min(last.firstStamp, firstStamp);
    last.unloggedStamp = Math.min(last.unloggedStamp, unloggedStamp);
    last.tickets.push(...tickets);
  }
}

/** A line that was passed on is held again, as part of another: that one answers for it from now on. */
function absorb(state: OpenState, passing: OpenState): void {
  state.firstStamp = Math.min(state.firstStamp, passing.firstStamp);
  state.unloggedStamp = Math.min(state.unloggedStamp, passing.unloggedStamp);
  state.tickets.push(...passing.tickets.splice(0));
  passing.firstStamp = NONE;
}
