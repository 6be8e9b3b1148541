// The driver's books of one container: what was read, sent, dropped and held, in lines and bytes per interval, and
// the records of single lines for the ledger. A line in pieces is settled once, when its last piece is out: sent
// if all pieces were, dropped if any was not.

import { HOPS, LINE_KINDS } from '../model/line-record.ts';
import type { LineWriter } from '../model/line-writer.ts';
import type { DriverClock } from './clock.ts';
import { type DropReason, dropReasonIndex, type LineMessage, type LongLine, type MessageMeta } from './log-message.ts';
import { createReportLimiter } from './report-limiter.ts';

const DRIVER = HOPS.indexOf('driver');

/** Lines and bytes of one kind; `text` is the daemon's own message for the last drop. */
export interface Flow {
  lines: number;
  bytes: number;
}

/** Drops of one reason. */
export interface DropFlow extends Flow {
  /** The library's own words, '' where it is silent (the ring). */
  text: string;
  /** Lines that the daemon wrote about them into its own log. */
  reports: number;
  /** Whether they show the message. */
  reportsPayload: boolean;
}

/** What happened since the last look. */
export interface TallyInterval {
  read: Flow;
  sent: Flow & { ids: number; backslashRun: number };
  dropped: Map<DropReason, DropFlow>;
}

/** The books of one container. */
export interface Tally {
  readonly readBytes: number;
  readonly sentMessages: number;
  readonly droppedMessages: number;
  /** Bytes came out of the app's pipe. */
  read(bytes: number, lines: number): void;
  /** A line left the copier whole; recorded where the app does not report its own writes. */
  formed(message: LineMessage): void;
  /** The message was taken whole by the kernel (or written to the file). */
  sent(message: MessageMeta): void;
  dropped(message: MessageMeta, reason: DropReason, text: string): void;
  /** A long line that the stream's end left open. */
  unclosed(line: LongLine): void;
  /** A line found where it will stay: `place` is an index in HELD_IN. */
  held(seq: number, place: number): void;
  /** A line known by its number alone was lost. */
  lostLine(seq: number, reason: DropReason): void;
  /** An id of the app was read: its checksum goes into the line's records, so that the ledger can name the whole id. */
  noteId(seq: number, crc: number): void;
  /** Numbers since the last call. */
  takeInterval(): TallyInterval;
}

/** Empty books. `lines` null: nothing is recorded line by line. */
export function createTally(ports: {
  clock: DriverClock;
  lines: LineWriter | null;
  recordReads: boolean;
  /** Lines a second that the daemon writes about drops. Default: no limit. */
  reportsPerSecond?: number;
  /** Whether they show the message. Default false. */
  reportsPayload?: boolean;
}): Tally {
  const { clock, lines, recordReads, reportsPayload = false } = ports;
  const isReported = createReportLimiter(ports.reportsPerSecond ?? Number.POSITIVE_INFINITY, clock);
  let readBytes = 0;
  let sentMessages = 0;
  let droppedMessages = 0;
  let interval = emptyInterval();
  const sums = createSums();

  const record = (kind: number, detail: number, seq: number, bytes: number): void => {
    if (lines !== null && seq >= 0) lines.append(kind, DRIVER, detail, seq, clock.nowNs(), 0, bytes, sums.get(seq));
  };
  const dropFlow = (reason: DropReason): DropFlow => {
    const flow = interval.dropped.get(reason) ?? { ...NO_DROPS, reportsPayload };
    interval.dropped.set(reason, flow);
    return flow;
  };
  const settle = (seq: number, bytes: number, lost: DropReason | null): void => {
    if (lost === null) {
      interval.sent.lines++;
      record(LINE_KINDS.driverSent, 0, seq, bytes);
    } else {
      dropFlow(lost).lines++;
      record(LINE_KINDS.driverDropped, dropReasonIndex(lost), seq, bytes);
    }
  };
  const settleLong = (line: LongLine): void => {
    if (line.ended && line.open === 0 && !line.held) settle(line.seq, line.bytes, line.lost);
  };
  const out = ({ line, seq, lineBytes }: MessageMeta, lost: DropReason | null): void => {
    if (line === null) {
      settle(seq, lineBytes, lost);
      return;
    }
    line.open--;
    line.lost ??= lost;
    settleLong(line);
  };

  return {
    noteId: sums.set,
    get readBytes() {
      return readBytes;
    },
    get sentMessages() {
      return sentMessages;
    },
    get droppedMessages() {
      return droppedMessages;
    },
    read(bytes, newlines) {
      readBytes += bytes;
      interval.read.bytes += bytes;
      interval.read.lines += newlines;
    },
    formed({ line, last, seq, lineBytes }) {
      if (!recordReads) return;
      if (line === null) record(LINE_KINDS.driverRead, 0, seq, lineBytes);
      else if (last) record(LINE_KINDS.driverRead, 0, line.seq, line.bytes);
    },
    sent(message) {
      sentMessages++;
      const { sent } = interval;
      sent.bytes += message.lineBytes;
      sent.ids += message.ids;
      if (message.backslashRun > sent.backslashRun) sent.backslashRun = message.backslashRun;
      out(message, null);
    },
    dropped(message, reason, text) {
      droppedMessages++;
      const flow = dropFlow(reason);
      flow.bytes += message.lineBytes;
      if (text !== '') flow.text = text;
      // What `Log()` returns as an error: the library's own prints are no reports.
      if (text.startsWith('fluent#') && isReported()) flow.reports++;
      out(message, reason);
    },
    unclosed: settleLong,
    held: (seq, place) => record(LINE_KINDS.held, place, seq, 0),
    lostLine: (seq, reason) => settle(seq, 0, reason),
    takeInterval() {
      const taken = interval;
      interval = emptyInterval();
      return taken;
    },
  };
}

const NO_DROPS = { lines: 0, bytes: 0, text: '', reports: 0 };

function emptyInterval(): TallyInterval {
  return {
    read: { lines: 0, bytes: 0 },
    sent: { lines: 0, bytes: 0, ids: 0, backslashRun: 0 },
    dropped: new Map(),
  };
}

/** A number that is this far beyond those seen is no line of the plan's next second: its checksum is not kept. */
const SUMS_AHEAD_MAX = 1_000_000;

/** Checksums in the ids by line, 4 bytes a line; 0 where none is known. */
function createSums(): { get(seq: number): number; set(seq: number, crc: number): void } {
  let sums = new Uint32Array(1_024);
  return {
    get: (seq) => sums[seq] ?? 0,
    set(seq, crc) {
      if (seq >= sums.length) {
        if (seq > sums.length + SUMS_AHEAD_MAX) return;
        const grown = new Uint32Array((seq + 1) * 2);
        grown.set(sums);
        sums = grown;
      }
      sums[seq] = crc;
    },
  };
}
