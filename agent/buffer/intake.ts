// The door of the buffer: every record passes here. Plain lines go straight on to their stream's segment; pieces of long
// lines, records without a line, times that cannot be and lines over the limit each take a side way.

import { type LineOver, splitLine, truncateLine } from '../codec/cut.ts';
import { recordToJson } from '../codec/record-json.ts';
import type { LineProcessor, LineSink, LineTarget, LostLine, RecordSink, ScannedRecord, TimedLine } from '../model.ts';
import { addCount, type Counters } from '../observe/counters.ts';
import type { Batcher } from './batcher.ts';
import type { Metadata } from './metadata.ts';
import type { OwnContainer } from './own-container.ts';
import type { Stream, StreamTable } from './stream-table.ts';

/** Takes pieces of long lines; joins them or says that a record is none. */
export interface PieceTaker {
  readonly openCount: number;
  take(record: ScannedRecord): boolean;
}

/** Settings of the intake. */
export interface IntakeOptions {
  batcher: Pick<Batcher, 'append'>;
  streams: StreamTable;
  counters: Counters;
  lineMax: number;
  lineOver: LineOver;
  /** Stands at the end of a line that was truncated. */
  lineMark: Uint8Array;
  wallMs(): number;
  /** The container of the agent itself, where it is in one. */
  own?: OwnContainer | undefined;
  /** Takes lines over the limit, where that is the policy. */
  deadLetter?: (line: LostLine) => void;
}

/** Loki refuses what is more than 10 minutes ahead; one such record would drag its whole stream along. */
const FUTURE_SECONDS_MAX = 300;
const NANOS_MAX = 999_999_999;

/** See the file's comment. */
export class Intake implements RecordSink, LineSink {
  /** Set by the pipeline before the first record. */
  pieces: PieceTaker | undefined;
  /** Set by the pipeline where the config asks for it. */
  processor: LineProcessor | undefined;
  /** Set by the pipeline where the config asks for it. */
  metadata: Metadata | undefined;
  private readonly options: IntakeOptions;
  private readonly batcher: Pick<Batcher, 'append'>;
  private streams: StreamTable;
  private lineMax: number;
  private readonly own: OwnContainer | undefined;
  private futureSeconds = 0;

  constructor(options: IntakeOptions) {
    this.options = options;
    this.batcher = options.batcher;
    this.streams = options.streams;
    this.own = options.own;
    this.lineMax = options.lineMax;
    this.refreshClock();
  }

  /** Reads the wall clock; to be called about once a second, since no record asks for it. */
  refreshClock(): void {
    this.futureSeconds = Math.floor(this.options.wallMs() / 1000) + FUTURE_SECONDS_MAX;
  }

  /** Goes on with other labels, steps and metadata: what comes from now on meets these. */
  use(streams: StreamTable, processor: LineProcessor | undefined, metadata: Metadata | undefined): void {
    this.streams = streams;
    this.processor = processor;
    this.metadata = metadata;
  }

  /** Keeps below what a receiver turned out to take, as long as that is known. */
  limit(lineBytes: number | undefined): void {
    const { lineMax } = this.options;
    this.lineMax = Math.min(lineMax, lineBytes ?? lineMax);
  }

  take(record: ScannedRecord): void {
    const { pieces, metadata, own } = this;
    if (own?.isAt(record.bytes, record.idStart, record.idEnd)) {
      this.dropOwn(this.streams.find(record), record.logStart < 0 ? 0 : record.logEnd - record.logStart);
      return;
    }
    if (metadata !== undefined) metadata.takeRecord(record);
    if (pieces !== undefined && (record.partial || pieces.openCount > 0) && pieces.take(record)) return;
    const stream = this.streams.find(record);
    if (record.logStart < 0) {
      const json = recordToJson(record.bytes, record.view, record.recordStart);
      this.work(stream, json, 0, json.length, record.seconds, record.nanos);
      return;
    }
    this.work(stream, record.bytes, record.logStart, record.logEnd - record.logStart, record.seconds, record.nanos);
  }

  target(tag: string, name: string): LineTarget {
    return this.streams.of(tag, name);
  }

  isOwn(container: string): boolean {
    return this.own?.is(container) ?? false;
  }

  dropOwn({ counters }: LineTarget, length: number): void {
    counters.received++;
    counters.receivedBytes += length;
    addCount(counters.dropped, 'self', 1);
    this.options.counters.totals.selfRecords++;
  }

  /** Takes a whole line. Plain arguments: no object per record. */
  takeLine(target: LineTarget, bytes: Uint8Array, start: number, length: number, seconds: number, nanos: number): void {
    if (this.metadata !== undefined) this.metadata.clear();
    this.work(target, bytes, start, length, seconds, nanos);
  }

  /** Takes a line that was joined from records, with the metadata of the first. */
  takeJoined(line: Omit<TimedLine, 'start'>, held: Uint8Array | undefined): void {
    const { target, bytes, length, seconds, nanos } = line;
    if (this.metadata === undefined) this.work(target, bytes, 0, length, seconds, nanos);
    else this.metadata.resume(held, () => this.work(target, bytes, 0, length, seconds, nanos));
  }

  /** Passes on a line that a step has held back, with the metadata that it came with. */
  passHeld(line: TimedLine, held: Uint8Array | undefined): void {
    const { target, bytes, start, length, seconds, nanos } = line;
    if (this.metadata === undefined) this.passOn(target, bytes, start, length, seconds, nanos);
    else this.metadata.resume(held, () => this.passOn(target, bytes, start, length, seconds, nanos));
  }

  private work(
    target: LineTarget,
    bytes: Uint8Array,
    start: number,
    length: number,
    seconds: number,
    nanos: number,
  ): void {
    const { processor } = this;
    if (processor === undefined) this.passOn(target, bytes, start, length, seconds, nanos);
    else if (processor.process(target, bytes, start, length, seconds, nanos))
      this.passOn(processor.target, processor.bytes, processor.start, processor.length, seconds, nanos);
  }

  /** Takes a line that needs no more processing. */
  passOn(target: LineTarget, bytes: Uint8Array, start: number, length: number, seconds: number, nanos: number): void {
    // Every target was made by the stream table.
    const stream = target as Stream;
    if (this.metadata !== undefined) this.metadata.takeLine(bytes, start, length);
    if (!(seconds > 0 && seconds <= this.futureSeconds) || nanos > NANOS_MAX) {
      this.options.counters.totals.timesReplaced++;
      const wallMs = this.options.wallMs();
      const wholeSeconds = Math.floor(wallMs / 1000);
      const wholeNanos = Math.floor((wallMs - wholeSeconds * 1000) * 1e6);
      this.takeTimed(stream, bytes, start, length, wholeSeconds, wholeNanos);
      return;
    }
    this.takeTimed(stream, bytes, start, length, seconds, nanos);
  }

  private takeTimed(
    stream: Stream,
    bytes: Uint8Array,
    start: number,
    length: number,
    seconds: number,
    nanos: number,
  ): void {
    if (length <= this.lineMax) this.batcher.append(stream, bytes, start, length, seconds, nanos);
    else this.takeLong(stream, bytes, start, length, seconds, nanos);
  }

  private takeLong(
    stream: Stream,
    bytes: Uint8Array,
    start: number,
    length: number,
    seconds: number,
    nanos: number,
  ): void {
    const { counters, lineOver, lineMark, deadLetter } = this.options;
    const line = bytes.subarray(start, start + length);
    if (lineOver === 'drop' || lineOver === 'dead-letter') {
      stream.counters.received++;
      stream.counters.receivedBytes += length;
      addCount(stream.counters.dropped, 'line_too_long', 1);
      if (lineOver === 'dead-letter')
        deadLetter?.({
          ...{ labels: stream.labels, line, seconds, nanos, reason: 'line_too_long' },
          metadata: this.metadata?.hold(),
        });
      return;
    }
    if (lineOver === 'truncate') {
      const cut = truncateLine(line, this.lineMax, lineMark);
      counters.totals.linesTruncated++;
      this.batcher.append(stream, cut, 0, cut.length, seconds, nanos);
      return;
    }
    counters.totals.linesSplit++;
    for (const part of splitLine(line, this.lineMax))
      this.batcher.append(stream, bytes, part.byteOffset - bytes.byteOffset, part.length, seconds, nanos);
  }
}
