// Joins the lines of one event, such as a stack trace: a line that matches `start` begins one, every other line continues
// the one before. Lines under way are kept per stream, within bounds; an event is passed on when the next one begins, when
// it is full, or when nothing has come for `timeoutMs`. It has the time of its first line.

import type { Pattern } from '../codec/pattern.ts';
import type { HeldBook, LineMetadata, LineTarget, TimedLine } from '../model.ts';

/** Settings of one rule. */
export interface MultilineSettings {
  start: Pattern;
  sizeMax: number;
  linesMax: number;
  timeoutMs: number;
}

interface OpenEvent {
  target: LineTarget;
  bytes: Uint8Array;
  length: number;
  lines: number;
  seconds: number;
  nanos: number;
  /** Structured metadata of its first line. */
  metadata: Uint8Array | undefined;
  deadlineMs: number;
}

/** Events under way at once, over all streams; the oldest is passed on. */
const OPEN_MAX = 1024;
/** Their memory. */
const TOTAL_BYTES_MAX = 16 * 1_048_576;
const FIRST_BYTES = 1024;

/** Takes an event that is complete; it is valid during the call. */
export type EmitEvent = (
  event: Readonly<Pick<OpenEvent, 'target' | 'bytes' | 'length' | 'seconds' | 'nanos' | 'metadata'>>,
) => void;

/** See the file's comment. */
export class Multiline {
  private readonly open = new Map<LineTarget, OpenEvent>();
  private readonly emit: EmitEvent;
  private readonly held: HeldBook | undefined;
  private totalBytes = 0;

  /** @param held is told what is held back. */
  constructor(emit: EmitEvent, held?: HeldBook) {
    this.emit = emit;
    this.held = held;
  }

  /** Events under way. */
  get openCount(): number {
    return this.open.size;
  }

  /** Memory of events under way. */
  get openBytes(): number {
    return this.totalBytes;
  }

  /** When the first of them is due; `undefined` if there is none. */
  get nextDeadlineMs(): number | undefined {
    let next: number | undefined;
    for (const event of this.open.values()) next = Math.min(next ?? event.deadlineMs, event.deadlineMs);
    return next;
  }

  /** Takes a line; it is passed on later, alone or with others. */
  take(settings: MultilineSettings, line: TimedLine & { nowMs: number; metadata?: LineMetadata | undefined }): void {
    const { target, length } = line;
    let event = this.open.get(target);
    const begins = settings.start.matches(line.bytes, line.start, length);
    if (
      event !== undefined &&
      (begins || event.lines >= settings.linesMax || event.length + 1 + length > settings.sizeMax)
    ) {
      this.close(event);
      event = undefined;
    }
    if (event === undefined) {
      this.makeRoom();
      const bytes = new Uint8Array(Math.max(FIRST_BYTES, length));
      const { seconds, nanos } = line;
      const metadata = line.metadata?.hold();
      event = { target, bytes, length: 0, lines: 0, seconds, nanos, metadata, deadlineMs: 0 };
      this.totalBytes += event.bytes.length;
      this.open.set(target, event);
    }
    this.append(event, line);
    event.deadlineMs = line.nowMs + settings.timeoutMs;
    if (event.length >= settings.sizeMax) this.close(event);
  }

  /** Passes on every event that is due at `nowMs`, or all of them. */
  flush(nowMs: number): void {
    for (const event of [...this.open.values()]) if (event.deadlineMs <= nowMs) this.close(event);
  }

  private append(event: OpenEvent, line: { bytes: Uint8Array; start: number; length: number }): void {
    const need = event.length + 1 + line.length;
    if (need > event.bytes.length) {
      const larger = new Uint8Array(Math.max(need, 2 * event.bytes.length));
      larger.set(event.bytes.subarray(0, event.length));
      this.totalBytes += larger.length - event.bytes.length;
      event.bytes = larger;
    }
    if (event.lines > 0) event.bytes[event.length++] = 0x0a;
    event.bytes.set(line.bytes.subarray(line.start, line.start + line.length), event.length);
    event.length += line.length;
    event.lines++;
    this.held?.grew(event);
  }

  private makeRoom(): void {
    for (const oldest of this.open.values()) {
      if (this.open.size < OPEN_MAX && this.totalBytes < TOTAL_BYTES_MAX) return;
      this.close(oldest);
    }
  }

  private close(event: OpenEvent): void {
    this.open.delete(event.target);
    this.totalBytes -= event.bytes.length;
    if (this.held === undefined) this.emit(event);
    else this.held.pass(event, () => this.emit(event));
  }
}
