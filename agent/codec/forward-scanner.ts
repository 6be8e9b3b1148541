// Finds the fields of a Forward message in its bytes, without building anything: the hot path of the agent.
// Docker writes one such message per line (Message mode), its map keys in random order:
//
//   94 │ tag str │ d2 int32 or d7 00 EventTime │ 84 { container_id container_name source log } │ 80, c0 or {chunk}
//
// `scan` leaves offsets in its fields. What is not Message mode is `OTHER`, for forward-modes.ts.

import type { ScannedRecord } from '../model.ts';
import { INCOMPLETE, isTextHeader, OTHER, readLength, TOO_LARGE, textWidth, ValueSkipper } from './msgpack.ts';

/** See the file's comment; one per agent is enough, as a read is worked through before the next one comes. */
export class ForwardScanner implements ScannedRecord {
  bytes: Uint8Array = new Uint8Array(0);
  view: DataView = new DataView(new ArrayBuffer(0));
  tagStart = 0;
  tagEnd = 0;
  seconds = 0;
  nanos = 0;
  recordStart = 0;
  recordEnd = 0;
  logStart = -1;
  logEnd = -1;
  idStart = -1;
  idEnd = -1;
  nameStart = -1;
  nameEnd = -1;
  sourceStart = -1;
  sourceEnd = -1;
  partial = false;
  partialLast = false;
  partialIdStart = -1;
  partialIdEnd = -1;
  /** The MessagePack value under `chunk` in the options, header included; an ack echoes it. */
  chunkStart = -1;
  chunkEnd = -1;
  /** The value of `compressed` in the options. */
  compressedStart = -1;
  compressedEnd = -1;
  private valueStart = 0;
  private valueEnd = 0;
  private readonly sizeMax: number;
  private readonly skipper: ValueSkipper;

  /** @param sizeMax largest length that a header may claim, in bytes. */
  constructor(sizeMax: number) {
    this.sizeMax = sizeMax;
    this.skipper = new ValueSkipper(sizeMax);
  }

  /** Sets the bytes that all offsets are offsets into. */
  bind(bytes: Uint8Array): void {
    if (this.bytes === bytes) return;
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Scans one Message at `start`. Returns its end, or one of the codes of msgpack.ts (all of them are <= 0). */
  scan(start: number, end: number): number {
    const first = this.bytes[start] as number;
    if (first !== 0x94 && first !== 0x93) return OTHER;
    let position = this.readText(start + 1, end);
    if (position <= 0) return position;
    this.tagStart = this.valueStart;
    this.tagEnd = position;
    position = this.scanTimeAndRecord(position, end);
    if (position <= 0) return position;
    this.chunkStart = -1;
    if (first === 0x93) return position;
    if (position >= end) return INCOMPLETE;
    const option = this.bytes[position] as number;
    return option === 0x80 || option === 0xc0 ? position + 1 : this.scanOptions(position, end);
  }

  /** Scans `time record` at `position`: the inner part of a Message, and of an entry once its array is opened. */
  scanTimeAndRecord(position: number, end: number): number {
    const after = this.readTime(position, end);
    return after <= 0 ? after : this.scanRecord(after, end);
  }

  /** Scans a time and a record that do not follow each other. */
  scanTimeBefore(time: number, record: number, end: number): number {
    const after = this.readTime(time, end);
    return after <= 0 ? after : this.scanRecord(record, end);
  }

  /** Scans the option map of any mode at `position`; other values than a map are skipped. */
  scanOptions(position: number, end: number): number {
    this.chunkStart = -1;
    this.compressedStart = -1;
    const first = this.bytes[position] as number;
    if (first < 0x80 || first > 0x8f) return this.skip(position, end);
    let at = position + 1;
    for (let left = first & 15; left > 0; left--) {
      const key = at;
      at = this.readText(key, end);
      if (at === OTHER) {
        at = this.skip(key, end);
        this.valueStart = this.valueEnd = 0;
      }
      if (at <= 0) return at;
      const isChunk = this.keyIs('chunk');
      const isCompressed = this.keyIs('compressed');
      const value = at;
      at = this.skip(value, end);
      if (at <= 0) return at;
      if (isChunk && isTextHeader(this.bytes[value] as number)) {
        this.chunkStart = value;
        this.chunkEnd = at;
      } else if (isCompressed && this.readText(value, end) > 0) {
        this.compressedStart = this.valueStart;
        this.compressedEnd = this.valueEnd;
      }
    }
    return at;
  }

  /** The end of the value at `position`, or a code. */
  skip(position: number, end: number): number {
    this.skipper.reset(position);
    return this.skipper.next(this.bytes, this.view, end);
  }

  /** Start of the text that `readText` found last. */
  get textStart(): number {
    return this.valueStart;
  }

  /** Reads the header of a str or bin at `position`; returns its end, or `OTHER` for another type. */
  readText(position: number, end: number): number {
    if (position >= end) return INCOMPLETE;
    const first = this.bytes[position] as number;
    if ((first & 0xe0) === 0xa0) {
      this.valueStart = position + 1;
      this.valueEnd = position + 1 + (first & 31);
      return this.valueEnd <= end ? this.valueEnd : INCOMPLETE;
    }
    const width = textWidth(first);
    if (width === 0) return OTHER;
    if (position + 1 + width > end) return INCOMPLETE;
    const length = readLength(this.view, position + 1, width);
    if (length > this.sizeMax) return TOO_LARGE;
    this.valueStart = position + 1 + width;
    this.valueEnd = this.valueStart + length;
    return this.valueEnd <= end ? this.valueEnd : INCOMPLETE;
  }

  private readTime(position: number, end: number): number {
    const first = this.bytes[position];
    if (first === 0xd2 && position + 5 <= end) {
      this.seconds = this.view.getInt32(position + 1);
      this.nanos = 0;
      return position + 5;
    }
    if (first === 0xd7 && position + 10 <= end && this.bytes[position + 1] === 0) {
      this.seconds = this.view.getUint32(position + 2);
      this.nanos = this.view.getUint32(position + 6);
      return position + 10;
    }
    return this.readOtherTime(position, end);
  }

  private scanRecord(position: number, end: number): number {
    this.logStart = this.idStart = this.nameStart = this.sourceStart = this.partialIdStart = -1;
    this.partial = this.partialLast = false;
    this.recordStart = position;
    if (position >= end) return INCOMPLETE;
    const bytes = this.bytes;
    const first = bytes[position] as number;
    let at = position + 1;
    let left = first & 15;
    if (first < 0x80 || first > 0x8f) {
      const width = first === 0xde ? 2 : first === 0xdf ? 4 : 0;
      if (width === 0) return OTHER;
      if (at + width > end) return INCOMPLETE;
      left = readLength(this.view, at, width);
      if (left > this.sizeMax) return TOO_LARGE;
      at += width;
    }
    for (; left > 0; left--) {
      at = this.scanPair(at, end);
      if (at <= 0) return at;
    }
    this.recordEnd = at;
    return at;
  }

  /** Scans one key and its value; a value of a known key that is neither str nor bin counts as absent. */
  private scanPair(position: number, end: number): number {
    const keyEnd = this.readText(position, end);
    if (keyEnd <= 0) {
      if (keyEnd !== OTHER) return keyEnd;
      const value = this.skip(position, end);
      return value <= 0 ? value : this.skip(value, end);
    }
    const keyStart = this.valueStart;
    const after = this.readText(keyEnd, end);
    if (after <= 0) return after === OTHER ? this.skip(keyEnd, end) : after;
    this.keep(keyStart, keyEnd - keyStart);
    return after;
  }

  /** Notes the value just read if its key is one that the agent uses. The length of the key tells nearly all apart. */
  private keep(key: number, length: number): void {
    const view = this.view;
    if (length === 3) {
      // "log"
      if (view.getUint16(key) === 0x6c6f && this.bytes[key + 2] === 0x67) {
        this.logStart = this.valueStart;
        this.logEnd = this.valueEnd;
      }
    } else if (length === 6) {
      // "source"
      if (view.getUint32(key) === 0x736f7572 && view.getUint16(key + 4) === 0x6365) {
        this.sourceStart = this.valueStart;
        this.sourceEnd = this.valueEnd;
      }
    } else if (length === 12) {
      // "container_id"
      if (
        view.getUint32(key) === 0x636f6e74 &&
        view.getUint32(key + 4) === 0x61696e65 &&
        view.getUint32(key + 8) === 0x725f6964
      ) {
        this.idStart = this.valueStart;
        this.idEnd = this.valueEnd;
      } else if (isPartialKey(view, key)) this.keepPartial(key, length);
    } else if (length === 14) {
      // "container_name"; its first half is checked first
      if (
        view.getUint32(key) === 0x636f6e74 &&
        view.getUint32(key + 4) === 0x61696e65 &&
        view.getUint32(key + 8) === 0x725f6e61 &&
        view.getUint16(key + 12) === 0x6d65
      ) {
        this.nameStart = this.valueStart;
        this.nameEnd = this.valueEnd;
      }
    } else if ((length === 10 || length === 15) && isPartialKey(view, key)) this.keepPartial(key, length);
  }

  private keepPartial(key: number, length: number): void {
    const suffix = this.bytes[key + 8] as number;
    // partial_last, partial_id, partial_message, partial_ordinal differ in their ninth byte and in length.
    if (length === 12 && suffix === 0x6c) this.partialLast = this.valueIsTrue();
    else if (length === 15 && suffix === 0x6d) this.partial = this.valueIsTrue();
    else if (length === 10 && suffix === 0x69) {
      this.partialIdStart = this.valueStart;
      this.partialIdEnd = this.valueEnd;
    }
  }

  private valueIsTrue(): boolean {
    return this.valueEnd - this.valueStart === 4 && this.view.getUint32(this.valueStart) === 0x74727565;
  }

  private keyIs(key: string): boolean {
    if (this.valueEnd - this.valueStart !== key.length) return false;
    for (let i = 0; i < key.length; i++) if (this.bytes[this.valueStart + i] !== key.charCodeAt(i)) return false;
    return true;
  }

  /** Times that Docker does not send: the other integer widths, ext8, floats; nil leaves -1. */
  private readOtherTime(position: number, end: number): number {
    if (position >= end) return INCOMPLETE;
    const first = this.bytes[position] as number;
    // Text or an array in this place is another mode of the protocol, a map or a truth value is nonsense.
    if (isTextHeader(first) || (first & 0xf0) === 0x90 || first === 0xdc || first === 0xdd) return OTHER;
    const after = this.skip(position, end);
    if (after <= 0) return after;
    const view = this.view;
    this.nanos = 0;
    this.seconds = -1;
    if (first < 0x80) this.seconds = first;
    else if (first === 0xcc) this.seconds = view.getUint8(position + 1);
    else if (first === 0xcd) this.seconds = view.getUint16(position + 1);
    else if (first === 0xce) this.seconds = view.getUint32(position + 1);
    else if (first === 0xcf) this.seconds = Number(view.getBigUint64(position + 1));
    else if (first === 0xd1) this.seconds = view.getInt16(position + 1);
    else if (first === 0xd0) this.seconds = view.getInt8(position + 1);
    else if (first === 0xd3) this.seconds = Number(view.getBigInt64(position + 1));
    else if (first === 0xca || first === 0xcb)
      this.readFloat(first === 0xca ? view.getFloat32(position + 1) : view.getFloat64(position + 1));
    else if (first === 0xc7 && view.getUint16(position + 1) === 0x0800) {
      this.seconds = view.getUint32(position + 3);
      this.nanos = view.getUint32(position + 7);
    } else if (first !== 0xc0 && first < 0xe0) return OTHER;
    return after;
  }

  private readFloat(value: number): void {
    this.seconds = Math.floor(value);
    if (Number.isFinite(value)) this.nanos = Math.min(999_999_999, Math.floor((value - this.seconds) * 1e9));
  }
}

function isPartialKey(view: DataView, key: number): boolean {
  return view.getUint32(key) === 0x70617274 && view.getUint32(key + 4) === 0x69616c5f;
}
