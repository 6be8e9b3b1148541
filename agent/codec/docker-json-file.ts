// Reads the lines of Docker's json-file driver and joins the pieces of long ones: a piece that lacks the newline at its end
// goes on in the next line of the same stream.
//
//   {"log":"GET /\n","stream":"stdout","time":"2026-11-24T22:01:02.003Z"}

import { JsonFields } from './json-fields.ts';
import { unescapeJson } from './json-text.ts';
import { type ReadTime, readRfc3339 } from './timestamps.ts';

/** Takes a whole line; `seconds` is 0 where the file had no time. */
export type TakeLine = (bytes: Uint8Array, start: number, length: number, seconds: number, nanos: number) => void;

interface OpenLine {
  bytes: Uint8Array;
  length: number;
  seconds: number;
  nanos: number;
}

/** The reader of one file. */
export class DockerJsonFile {
  private readonly fields = new JsonFields(['log', 'stream', 'time']);
  private readonly time: ReadTime = { seconds: 0, nanos: 0, end: 0 };
  /** Lines under way, of stdout and of stderr. */
  private readonly open: [OpenLine | undefined, OpenLine | undefined] = [undefined, undefined];
  private readonly sizeMax: number;
  private readonly take: TakeLine;
  private text = new Uint8Array(32_768);

  /** @param sizeMax a longer line is passed on in parts of this size. */
  constructor(sizeMax: number, take: TakeLine) {
    this.sizeMax = sizeMax;
    this.take = take;
  }

  /** True while a line lacks its end: the file must be read again from before it. */
  get isOpen(): boolean {
    return this.open.some((line) => line !== undefined);
  }

  /** Reads one line of the file; false if it is not of this format. */
  read(bytes: Uint8Array, start: number, end: number): boolean {
    const { fields, time } = this;
    fields.find(bytes, start, end - start);
    const logStart = fields.starts[0] as number;
    const logEnd = fields.ends[0] as number;
    if (logStart < 0 || bytes[logStart - 1] !== 0x22) return false;
    if (this.text.length < logEnd - logStart) this.text = new Uint8Array(2 * (logEnd - logStart));
    const length = unescapeJson(bytes, logStart, logEnd, this.text);
    const timeStart = fields.starts[2] as number;
    if (timeStart < 0 || !readRfc3339(bytes, timeStart, fields.ends[2] as number, time)) time.seconds = time.nanos = 0;
    const streamStart = fields.starts[1] as number;
    this.add(streamStart >= 0 && bytes[streamStart + 3] === 0x65 ? 1 : 0, length);
    return true;
  }

  /** Passes on lines that lack their end. */
  finish(): void {
    this.emit(0);
    this.emit(1);
  }

  private add(which: 0 | 1, length: number): void {
    const ends = length > 0 && this.text[length - 1] === 0x0a;
    const open = this.open[which];
    if (open === undefined) {
      if (ends) this.take(this.text, 0, length - 1, this.time.seconds, this.time.nanos);
      else
        this.open[which] = {
          bytes: this.text.slice(0, length),
          length,
          seconds: this.time.seconds,
          nanos: this.time.nanos,
        };
      return;
    }
    const whole = ends ? length - 1 : length;
    if (open.length + whole > this.sizeMax) {
      this.emit(which);
      this.add(which, length);
      return;
    }
    if (open.length + whole > open.bytes.length) {
      const larger = new Uint8Array(2 * (open.length + whole));
      larger.set(open.bytes.subarray(0, open.length));
      open.bytes = larger;
    }
    open.bytes.set(this.text.subarray(0, whole), open.length);
    open.length += whole;
    if (ends) this.emit(which);
  }

  private emit(which: 0 | 1): void {
    const line = this.open[which];
    this.open[which] = undefined;
    if (line !== undefined) this.take(line.bytes, 0, line.length, line.seconds, line.nanos);
  }
}
