// Joins the pieces into which Docker cuts lines of 16 KiB and more. Bytes are joined before anybody decodes them: a cut
// may go through a character. A long line is one entry with the time of its first piece.
//
//   Docker >= 19.03   partial_message, partial_id, partial_ordinal, partial_last on every piece, the last one included
//   Docker <= 18.09   partial_message on all pieces but the last; the last is a plain record of the same source
//
// A line whose end never comes (a container that died within it) is passed on after `timeoutMs`.

import type { ScannedRecord } from '../model.ts';

/** A line under way. */
export interface OpenLine<Target> {
  id: Uint8Array;
  source: Uint8Array;
  /** Empty for Docker <= 18.09. */
  partialId: Uint8Array;
  target: Target;
  bytes: Uint8Array;
  length: number;
  seconds: number;
  nanos: number;
  /** Structured metadata of its first piece. */
  metadata: Uint8Array | undefined;
  deadlineMs: number;
}

/** Settings of the joiner. `Target` is what the caller wants back with a joined line: its stream. */
export interface JoinerOptions<Target> {
  /** A line longer than this is passed on in parts of this size. */
  sizeMax: number;
  timeoutMs: number;
  /** Bound on lines under way at once; the oldest is passed on as it is. */
  openMax: number;
  /** Bound on the memory of all lines under way, in bytes. */
  totalMax: number;
  nowMs(): number;
  target(record: ScannedRecord): Target;
  /** Structured metadata of the record under way, to be kept with its line. */
  hold(): Uint8Array | undefined;
  emit(line: JoinedLine<Target>): void;
  count(what: 'piece' | 'timeout' | 'overflow'): void;
  /** Is told what is held back. */
  held?: { grew(line: OpenLine<Target>): void; pass(line: OpenLine<Target>, run: () => void): void } | undefined;
}

/** A line whose pieces are together, valid during the call. */
export type JoinedLine<Target> = Pick<
  OpenLine<Target>,
  'target' | 'bytes' | 'length' | 'seconds' | 'nanos' | 'metadata'
>;

/** See the file's comment. */
export class Joiner<Target> {
  private readonly open: OpenLine<Target>[] = [];
  private readonly options: JoinerOptions<Target>;
  private totalBytes = 0;

  constructor(options: JoinerOptions<Target>) {
    this.options = options;
  }

  /** Lines under way; while it is 0, only pieces need to come here. */
  get openCount(): number {
    return this.open.length;
  }

  /** When the oldest line under way times out, on the agent's clock; `undefined` if there is none. */
  get nextDeadlineMs(): number | undefined {
    return this.open[0]?.deadlineMs;
  }

  /** Takes a piece, or the plain record that ends a line of Docker <= 18.09; false means that the record is not for it. */
  take(record: ScannedRecord): boolean {
    const index = this.open.findIndex((line) => belongs(line, record));
    if (!record.partial) {
      if (index < 0) return false;
      this.options.count('piece');
      this.add(this.open[index] as OpenLine<Target>, record);
      this.finish(index);
      return true;
    }
    this.options.count('piece');
    if (index >= 0) {
      this.add(this.open[index] as OpenLine<Target>, record);
      if (record.partialLast) this.finish(index);
      return true;
    }
    this.add(this.start(record), record);
    if (record.partialLast) this.finish(this.open.length - 1);
    return true;
  }

  /** Passes on every line whose time is over, or all lines. */
  flush(which: 'due' | 'all'): void {
    const now = this.options.nowMs();
    while (this.open.length > 0 && (which === 'all' || (this.open[0] as OpenLine<Target>).deadlineMs <= now)) {
      this.options.count('timeout');
      this.finish(0);
    }
  }

  private start(record: ScannedRecord): OpenLine<Target> {
    const { bytes } = record;
    while (this.open.length >= this.options.openMax) {
      this.options.count('overflow');
      this.finish(0);
    }
    const line: OpenLine<Target> = {
      id: slice(bytes, record.idStart, record.idEnd),
      source: slice(bytes, record.sourceStart, record.sourceEnd),
      partialId: slice(bytes, record.partialIdStart, record.partialIdEnd),
      target: this.options.target(record),
      bytes: new Uint8Array(32_768),
      length: 0,
      seconds: record.seconds,
      nanos: record.nanos,
      metadata: this.options.hold(),
      deadlineMs: this.options.nowMs() + this.options.timeoutMs,
    };
    this.totalBytes += line.bytes.length;
    this.open.push(line);
    return line;
  }

  private add(line: OpenLine<Target>, record: ScannedRecord): void {
    let start = Math.max(0, record.logStart);
    const end = record.logStart < 0 ? 0 : record.logEnd;
    while (start < end) {
      if (line.length >= this.options.sizeMax || (this.totalBytes > this.options.totalMax && line.length > 0)) {
        this.options.count('overflow');
        this.emit(line);
      }
      const size = Math.min(end - start, this.options.sizeMax - line.length);
      this.reserve(line, line.length + size);
      line.bytes.set(record.bytes.subarray(start, start + size), line.length);
      line.length += size;
      start += size;
      this.options.held?.grew(line);
    }
  }

  private reserve(line: OpenLine<Target>, size: number): void {
    if (size <= line.bytes.length) return;
    const larger = new Uint8Array(
      Math.min(Math.max(size, 2 * line.bytes.length), Math.max(size, this.options.sizeMax)),
    );
    larger.set(line.bytes.subarray(0, line.length));
    this.totalBytes += larger.length - line.bytes.length;
    line.bytes = larger;
  }

  private finish(index: number): void {
    const [line] = this.open.splice(index, 1);
    if (line === undefined) return;
    this.totalBytes -= line.bytes.length;
    this.emit(line);
  }

  private emit(line: OpenLine<Target>): void {
    const { emit, held } = this.options;
    if (held === undefined) emit(line);
    else held.pass(line, () => emit(line));
    line.length = 0;
  }
}

function belongs(line: { id: Uint8Array; source: Uint8Array; partialId: Uint8Array }, record: ScannedRecord): boolean {
  // A plain record has no partial_id: it continues only a line of the old form, whose pieces have none either.
  return (
    equals(line.partialId, record.bytes, record.partialIdStart, record.partialIdEnd) &&
    equals(line.id, record.bytes, record.idStart, record.idEnd) &&
    equals(line.source, record.bytes, record.sourceStart, record.sourceEnd)
  );
}

function slice(bytes: Uint8Array, start: number, end: number): Uint8Array {
  return start < 0 ? new Uint8Array(0) : bytes.slice(start, end);
}

function equals(known: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (start < 0) return known.length === 0;
  if (known.length !== end - start) return false;
  for (let i = 0; i < known.length; i++) if (known[i] !== bytes[start + i]) return false;
  return true;
}
