// One of a container's two streams from the shim's read to the line copier: bytes in, messages out.

import type { LineIdScanner } from '../model/line-id.ts';
import { type BackslashCounter, createBackslashCounter } from './backslashes.ts';
import { createByteStore } from './byte-store.ts';
import type { DriverClock } from './clock.ts';
import { type Copier, type CopierPorts, createCopier } from './copier.ts';
import { createIdFinder, type IdFinder } from './id-finder.ts';
import type { LineMessage, LogTarget, LongLine } from './log-message.ts';
import { createNumberQueue } from './number-queue.ts';
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

/** A line that is still inside: its number (-1: none), and whether the copier has its beginning. */
export type VisitHeldLine = (seq: number, inCopier: boolean) => void;

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

  const findNewlines = (from: number): number => {
    const { memory, base, end } = store;
    let count = 0;
    for (let at = from - base; at < end - base; at++, count++) {
      at = memory.indexOf(NEWLINE, at);
      if (at === -1 || at >= end - base) break;
      newlines.push(base + at);
    }
    return count;
  };

  /** Visits the lines before `to`; takes them away when `forget`. */
  const visitLines = (to: number, visit: VisitHeldLine): void => {
    const copierEnd = store.start + copier.held;
    let from = store.start;
    const tell = (next: number): void => {
      finder?.takeBefore(next);
      const own = finder?.seq ?? -1;
      visit(own === -1 && from === store.start ? (copier.openLine?.seq ?? -1) : own, from < copierEnd);
      from = next;
    };
    while (newlines.first() < to) tell(newlines.shift() + 1);
    const isCut = from === store.start && copier.openLine !== null;
    if (from < to || isCut) tell(to);
  };

  return {
    push(bytes, count) {
      const from = store.end;
      store.append(bytes, count);
      tally.read(count, findNewlines(from));
      finder?.scan();
      stages.push(count);
      copier.run();
      return stages.wantsRead;
    },
    end: () => copier.end(),
    returned: () => copier.returned(),
    get held() {
      return store.end - store.start;
    },
    get wantsRead() {
      return stages.wantsRead;
    },
    get done() {
      return copier.done && !copier.blocked;
    },
    copier,
    visitHeld: (visit) => visitLines(store.end, visit),
    stopDaemon(visit) {
      const to = store.start + copier.held + stages.inDaemon;
      visitLines(to, visit);
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
