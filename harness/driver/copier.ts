// The daemon's line copier of one stream: a buffer of 16,384 bytes filled by reads of up to 2,048, cut at `\n`.
// `\r` stays, an empty line is a message. A full buffer without a newline becomes a piece of a long line; so does
// what remains at the end of the stream, and that one is never closed (`last` stays false). The time of a message
// is when the copier made it, so a driver that blocks moves the times; all pieces carry the time of the first.

import type { ByteStore } from './byte-store.ts';
import type { DriverClock } from './clock.ts';
import { createLineMessage, type LineMessage, type LogTarget, type LongLine } from './log-message.ts';
import type { NumberQueue } from './number-queue.ts';

/** Size of the copier's buffer: the longest piece, bytes. */
export const LINE_BUFFER_BYTES = 16_384;
const READ_BYTES = 2_048;

/** What the copier reads from and tells. */
export interface CopierPorts {
  store: ByteStore;
  /** Offsets of the newlines in the store, oldest first. */
  newlines: NumberQueue;
  /** The byte pipe: moves up to `max` bytes to the copier, returns how many. */
  take(max: number): number;
  clock: DriverClock;
  /** 64 random hex digits. */
  longLineId(): string;
  /** Fills in what is known of the bytes before the offset `next` (ids, backslashes) before they are logged. */
  inspect(message: LineMessage, next: number): void;
  target: LogTarget<LineMessage>;
  /** The stream ended behind a piece that no later one closes. */
  onUnclosed(line: LongLine): void;
}

/** The line copier of one stream. */
export interface Copier {
  /** Makes messages until nothing more can be read or the driver blocks. */
  run(): void;
  /** The driver returned from the message it blocked on. */
  returned(): void;
  /** No more bytes will be pushed into the stream. */
  end(): void;
  /** Bytes in its buffer. */
  readonly held: number;
  readonly blocked: boolean;
  /** The end of the stream was reached and everything before it was handed over. */
  readonly done: boolean;
  /** The long line whose end has not been seen yet. */
  readonly openLine: LongLine | null;
  /** The daemon ends: forgets its buffer and where in a line it was, and does nothing before `returned`. */
  stop(): void;
}

/** A copier at the start of its stream; `stream` as in STREAMS. */
export function createCopier(ports: CopierPorts, stream: number): Copier {
  return new LineCopier(ports, stream);
}

class LineCopier implements Copier {
  held = 0;
  blocked = false;
  done = false;
  openLine: LongLine | null = null;
  readonly #ports: CopierPorts;
  readonly #message: LineMessage;
  #ended = false;

  constructor(ports: CopierPorts, stream: number) {
    this.#ports = ports;
    this.#message = createLineMessage(stream);
  }

  run(): void {
    while (!this.blocked && this.#step());
  }

  /** One message, one read or the end; false when there is nothing to do. */
  #step(): boolean {
    const { store, newlines } = this.#ports;
    const newline = newlines.first();
    if (newline < store.start + this.held) {
      newlines.shift();
      this.#handLine(newline);
      return true;
    }
    if (this.held === LINE_BUFFER_BYTES) {
      this.#handPiece();
      return true;
    }
    const taken = this.#ports.take(Math.min(READ_BYTES, LINE_BUFFER_BYTES - this.held));
    this.held += taken;
    if (taken > 0) return true;
    if (!this.#ended || this.done) return false;
    if (this.held > 0) this.#handPiece();
    else this.#finish();
    return true;
  }

  #handLine(newline: number): void {
    if (this.openLine) {
      this.openLine.ordinal++;
      this.openLine.ended = true;
    }
    this.#hand(newline, newline + 1);
  }

  /** The whole buffer as a piece that a later one may close. */
  #handPiece(): void {
    if (!this.openLine) {
      this.openLine = { ...NEW_LONG_LINE, id: this.#ports.longLineId() };
      stamp(this.openLine, this.#ports.clock);
    }
    this.openLine.ordinal++;
    const end = this.#ports.store.start + this.held;
    this.#hand(end, end);
  }

  /** Hands over the bytes from the store's start up to `to`, and goes on at `next`. */
  #hand(to: number, next: number): void {
    const { store, inspect, target } = this.#ports;
    const message = this.#message;
    const line = this.openLine;
    const from = store.start;
    message.bytes = store.memory;
    message.start = from - store.base;
    message.end = to - store.base;
    message.lineBytes = to - from;
    message.line = line;
    message.ordinal = line?.ordinal ?? 0;
    message.last = line?.ended ?? false;
    inspect(message, next);
    if (line) takePiece(line, message);
    else stamp(message, this.#ports.clock);
    store.consumeTo(next);
    this.held -= next - from;
    if (message.last) this.openLine = null;
    this.blocked = !target.log(message);
  }

  #finish(): void {
    this.done = true;
    if (!this.openLine) return;
    this.openLine.ended = true;
    this.#ports.onUnclosed(this.openLine);
    this.openLine = null;
  }

  returned(): void {
    this.blocked = false;
    this.run();
  }

  end(): void {
    this.#ended = true;
    this.run();
  }

  stop(): void {
    this.held = 0;
    this.blocked = true;
    this.openLine = null;
  }
}

const NEW_LONG_LINE: LongLine = {
  ...{ id: '', seconds: 0, nanoseconds: 0, ordinal: 0, bytes: 0 },
  ...{ seq: -1, open: 0, ended: false, lost: null, held: false },
};

/** Puts the wall clock's time on a message or long line. */
function stamp(on: { seconds: number; nanoseconds: number }, clock: DriverClock): void {
  const wallMs = clock.wallMs();
  on.seconds = Math.floor(wallMs / 1000);
  on.nanoseconds = Math.min(999_999_999, Math.round((wallMs - on.seconds * 1000) * 1e6));
}

function takePiece(line: LongLine, message: LineMessage): void {
  message.seconds = line.seconds;
  message.nanoseconds = line.nanoseconds;
  line.bytes += message.lineBytes;
  line.open++;
  if (line.seq === -1) line.seq = message.seq;
}
