// One of a container's two streams from the shim's read to the line copier: bytes in, messages out.

import type { LineIdScanner } from '../model/line-id.ts';
import { type BackslashCounter, createBackslashCounter } from './backslashes.ts';
import { type ByteStore, createByteStore } from './byte-store.ts';
import type { DriverClock } from './clock.ts';
import { type Copier, type CopierPorts, createCopier } from './copier.ts';
import { createHeldLines, type VisitHeldLine } from './held-lines.ts';
import { createIdFinder, type IdFinder } from './id-finder.ts';
import type { LineMessage, LogTarget, LongLine } from './log-message.ts';
import { createNumberQueue, type NumberQueue } from './number-queue.ts';
import { createStages } from './stages.ts';
import type { Tally } from './tally.ts';

const NEWLINE = 0x0a;

/** How ids are looked for; null where nobody asks for them. */
export interface IdSearch {
  scanner: LineIdScanner;
  /** Number of this app in the scanner's list, -1 for the agent: ids are then counted only. */
  appIndex: number;
}

/** What a stream needs. */
export interface StreamPorts {
  clock: DriverClock;
  longLineId(): string;
  target: LogTarget<LineMessage>;
  tally: Tally;
  ids: IdSearch | null;
  /** Told of each message before the driver gets it; null where nobody asks. */
  observe: ((message: LineMessage) => void) | null;
  countBackslashes: boolean;
}

/** One stream of a container. */
export interface Stream {
  /** The shim has read `count` bytes; returns whether it reads on. */
  push(bytes: Buffer, count: number): boolean;
  /** The app's end of the pipe is closed. */
  end(): void;
  /** The driver returned from a message. */
  returned(): void;
  /** Bytes inside. */
  readonly held: number;
  /** Whether the shim reads the app's pipe. */
  readonly wantsRead: boolean;
  /** Everything up to the end was handed to the driver, and the driver has returned. */
  readonly done: boolean;
  readonly copier: Copier;
  /** Calls `visit` for each line not handed over. */
  visitHeld(visit: VisitHeldLine): void;
  /**
   * The daemon gives up on the pipes of an ended container: what its byte pipe has is still handed over, then the
   * stream is done. `visit` hears of the other lines, at the latest when what is held is visited.
   */
  cutPipes(visit: VisitHeldLine): void;
  /** The daemon ends: calls `visit` for the lines it forgets; shim and FIFO stay, and fill while nobody reads. */
  stopDaemon(visit: VisitHeldLine): void;
  /** The daemon is back and reads on. */
  startDaemon(): void;
}

/** A stream at its start; `index` as in STREAMS. */
export function createStream(ports: StreamPorts, index: number): Stream {
  const { tally } = ports;
  const store = createByteStore();
  const newlines = createNumberQueue();
  const stages = createStages();
  const finder = ports.ids && createIdFinder(store, { ...ports.ids, onOwn: tally.noteId });
  const target = ports.observe ? observed(ports.target, ports.observe) : ports.target;
  const copier = createCopier(
    {
      ...{ store, newlines, target, clock: ports.clock, longLineId: ports.longLineId },
      take: stages.take,
      inspect: createInspector(finder, ports.countBackslashes ? createBackslashCounter() : null),
      onUnclosed: (line: LongLine) => tally.unclosed(line),
    },
    index,
  );

  const lines = createHeldLines({ store, newlines, finder, copier });
  /** Where the stream was cut, and who hears of the lines behind it. */
  let cut: { at: number; visit: VisitHeldLine } | null = null;

  const visitCut = (): void => {
    if (!cut) return;
    const { at, visit } = cut;
    cut = null;
    lines.visitBehind(at, visit);
    store.consumeTo(store.end);
  };

  return {
    push(bytes, count) {
      const from = store.end;
      store.append(bytes, count);
      tally.read(count, findNewlines(store, from, newlines));
      finder?.scan();
      stages.push(count);
      copier.run();
      return stages.wantsRead;
    },
    end: () => copier.end(),
    returned() {
      copier.returned();
      if (copier.done) visitCut();
    },
    get held() {
      return (cut?.at ?? store.end) - store.start;
    },
    get wantsRead() {
      return stages.wantsRead;
    },
    get done() {
      return copier.done && !copier.blocked;
    },
    copier,
    visitHeld(visit) {
      lines.visit(cut?.at ?? store.end, visit);
      visitCut();
    },
    cutPipes(visit) {
      cut = { at: store.start + copier.held + stages.inBytePipe, visit };
      stages.cutPipes();
      copier.end();
      if (copier.done) visitCut();
    },
    stopDaemon(visit) {
      const to = store.start + copier.held + stages.inDaemon;
      lines.visit(to, visit);
      stages.stopDaemon();
      copier.stop();
      store.consumeTo(to);
    },
    startDaemon() {
      stages.startDaemon();
      copier.returned();
    },
  };
}

/** Notes the newlines behind `from`; returns how many. */
function findNewlines({ memory, base, end }: ByteStore, from: number, newlines: NumberQueue): number {
  let count = 0;
  for (let at = from - base; at < end - base; at++, count++) {
    at = memory.indexOf(NEWLINE, at);
    if (at === -1 || at >= end - base) break;
    newlines.push(base + at);
  }
  return count;
}

/** Fills in ids and backslashes of each message. */
function createInspector(finder: IdFinder | null, backslashes: BackslashCounter | null): CopierPorts['inspect'] {
  return (message, next) => {
    message.ids = finder ? finder.takeBefore(next) : 0;
    message.seq = finder ? finder.seq : -1;
    if (!backslashes) return;
    const { start, end, ordinal } = message;
    message.backslashRun = backslashes.count(message.bytes, { start, end, continued: ordinal > 1 });
  };
}

function observed(target: LogTarget<LineMessage>, observe: (message: LineMessage) => void): LogTarget<LineMessage> {
  return {
    log(message) {
      observe(message);
      return target.log(message);
    },
  };
}
