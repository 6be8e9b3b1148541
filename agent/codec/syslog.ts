// Reads a syslog message: RFC 5424, RFC 3164 as libc, Docker and busy boxes really write it, or no header at all.
//
//   5424   <165>1 2026-11-24T22:01:02.003Z host app 1234 ID47 [sd k="v"] message
//   3164   <34>Nov 24 22:01:02 host app[1234]: message      libc leaves the host out, Docker writes an RFC 3339 time

import { type ReadTime, readRfc3164, readRfc3339 } from './timestamps.ts';

/** One message: offsets into the bytes that were read; `-1` where a part is missing. */
export class SyslogMessage {
  /** 0 emergency … 7 debug; 5 (notice) where the message says nothing. */
  severity = 5;
  facility = 1;
  /** Not above 0 where there is no time. */
  seconds = 0;
  nanos = 0;
  hostStart = -1;
  hostEnd = -1;
  appStart = -1;
  appEnd = -1;
  /** The text behind all headers. */
  textStart = 0;
  textEnd = 0;
  private readonly time: ReadTime = { seconds: 0, nanos: 0, end: 0 };

  /** Reads `bytes[start, end)`. Whatever it holds, the text is what could not be read as a header. */
  read(bytes: Uint8Array, start: number, end: number, wallMs: number): void {
    this.severity = 5;
    this.facility = 1;
    this.seconds = this.nanos = 0;
    this.hostStart = this.appStart = -1;
    let at = this.readPriority(bytes, start, end);
    this.textEnd = end;
    if (bytes[at] === 0x31 && bytes[at + 1] === SPACE && at > start && at + 1 < end)
      this.readModern(bytes, at + 2, end);
    else {
      at = this.readTime(bytes, at, { end, wallMs });
      this.readOld(bytes, at, end);
    }
    if (bytes[this.textStart] === 0xef && bytes[this.textStart + 1] === 0xbb && bytes[this.textStart + 2] === 0xbf)
      this.textStart += 3;
    this.textStart = Math.min(this.textStart, end);
  }

  private readPriority(bytes: Uint8Array, start: number, end: number): number {
    if (bytes[start] !== 0x3c) return start;
    let value = 0;
    let at = start + 1;
    while (at < end && at <= start + 3 && isDigit(bytes[at])) value = value * 10 + (bytes[at++] as number) - 0x30;
    if (bytes[at] !== 0x3e || at >= end || at === start + 1 || value > 191) return start;
    this.severity = value & 7;
    this.facility = value >> 3;
    return at + 1;
  }

  private readTime(bytes: Uint8Array, start: number, options: { end: number; wallMs: number }): number {
    const { time } = this;
    if (!readRfc3164(bytes, start, options, time) && !readRfc3339(bytes, start, options.end, time)) return start;
    this.seconds = time.seconds;
    this.nanos = time.nanos;
    return bytes[time.end] === SPACE && time.end < options.end ? time.end + 1 : time.end;
  }

  private readModern(bytes: Uint8Array, start: number, end: number): void {
    const { time } = this;
    const timeEnd = wordEnd(bytes, start, end);
    if (readRfc3339(bytes, start, timeEnd, time)) {
      this.seconds = time.seconds;
      this.nanos = time.nanos;
    }
    const hostEnd = wordEnd(bytes, timeEnd + 1, end);
    const appEnd = wordEnd(bytes, hostEnd + 1, end);
    const idEnd = wordEnd(bytes, wordEnd(bytes, appEnd + 1, end) + 1, end);
    if (!isNil(bytes, timeEnd + 1, hostEnd)) {
      this.hostStart = timeEnd + 1;
      this.hostEnd = hostEnd;
    }
    if (!isNil(bytes, hostEnd + 1, appEnd)) {
      this.appStart = hostEnd + 1;
      this.appEnd = appEnd;
    }
    const dataEnd = structuredDataEnd(bytes, idEnd + 1, end);
    this.textStart = dataEnd < end ? dataEnd + 1 : end;
  }

  /** `[host ]app[pid]: text`; a first word that ends with a colon or a bracket is the app, and there is no host. */
  private readOld(bytes: Uint8Array, start: number, end: number): void {
    this.textStart = start;
    const first = this.readTag(bytes, start, end);
    if (first > 0) return;
    const hostEnd = wordEnd(bytes, start, end);
    if (this.seconds <= 0 || hostEnd >= end || hostEnd === start) return;
    if (this.readTag(bytes, hostEnd + 1, end) > 0) {
      this.hostStart = start;
      this.hostEnd = hostEnd;
    }
  }

  private readTag(bytes: Uint8Array, start: number, end: number): number {
    let at = start;
    while (at < end && at - start < TAG_CHARS_MAX && isTag(bytes[at] as number)) at++;
    const appEnd = at;
    if (bytes[at] === 0x5b) {
      const close = bytes.indexOf(0x5d, at);
      if (close < 0 || close >= end || close - at > TAG_CHARS_MAX) return -1;
      at = close + 1;
    }
    if (appEnd === start || at >= end || bytes[at] !== 0x3a) return -1;
    this.appStart = start;
    this.appEnd = appEnd;
    this.textStart = bytes[at + 1] === SPACE && at + 1 < end ? at + 2 : at + 1;
    return this.textStart;
  }
}

const SPACE = 0x20;
/** Docker's tags may be long; a URL or a sentence with a colon in it is no tag. */
const TAG_CHARS_MAX = 128;

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}

function isTag(byte: number): boolean {
  return byte > SPACE && byte < 0x7f && byte !== 0x3a && byte !== 0x5b;
}

function isNil(bytes: Uint8Array, start: number, end: number): boolean {
  return end <= start || (end === start + 1 && bytes[start] === 0x2d);
}

function wordEnd(bytes: Uint8Array, start: number, end: number): number {
  const found = start >= end ? -1 : bytes.indexOf(SPACE, start);
  return found < 0 || found > end ? end : found;
}

/** The end of `-` or of `[id name="value" …][…]`, in which `\"`, `\]` and `\\` are escaped. */
function structuredDataEnd(bytes: Uint8Array, start: number, end: number): number {
  if (bytes[start] !== 0x5b) return wordEnd(bytes, start, end);
  let at = start;
  let quoted = false;
  for (; at < end; at++) {
    const byte = bytes[at];
    if (byte === 0x5c && quoted) at++;
    else if (byte === 0x22) quoted = !quoted;
    else if (byte === 0x5d && !quoted && bytes[at + 1] !== 0x5b) return at + 1;
  }
  return end;
}
