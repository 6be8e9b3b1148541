// Reads the times that log lines carry, from bytes, to seconds and nanoseconds since 1970.

const MONTHS = 'JanFebMarAprMayJunJulAugSepOctNovDec';
const DAY_MS = 86_400_000;

/** A time that was read. */
export interface ReadTime {
  seconds: number;
  nanos: number;
  /** Where it ends. */
  end: number;
}

/** RFC 3339 with up to nine decimals, such as 2026-11-24T22:01:02.123456789Z or +01:00. False if there is none at `start`. */
export function readRfc3339(bytes: Uint8Array, start: number, end: number, into: ReadTime): boolean {
  if (end - start < 20) return false;
  const year = digits(bytes, start, 4);
  const month = digits(bytes, start + 5, 2);
  const day = digits(bytes, start + 8, 2);
  const time = readClock(bytes, start + 11);
  const separator = bytes[start + 10];
  if (year < 0 || month < 1 || month > 12 || day < 1 || day > 31 || time < 0) return false;
  if (
    bytes[start + 4] !== 0x2d ||
    bytes[start + 7] !== 0x2d ||
    (separator !== 0x54 && separator !== 0x74 && separator !== 0x20)
  )
    return false;
  let at = start + 19;
  let nanos = 0;
  if (bytes[at] === 0x2e && at < end) {
    let scale = 100_000_000;
    for (at++; at < end && isDigit(bytes[at]); at++) {
      nanos += ((bytes[at] as number) - 0x30) * Math.floor(scale);
      scale /= 10;
    }
  }
  const offset = readOffset(bytes, at, end);
  if (offset === undefined) return false;
  into.seconds = Date.UTC(year, month - 1, day) / 1000 + time - offset.seconds;
  into.nanos = nanos;
  into.end = offset.end;
  return true;
}

/** RFC 3164, such as `Nov 24 22:01:02` or `Nov  4 22:01:02`: no year, and the sender's local time, which is taken for ours. */
export function readRfc3164(
  bytes: Uint8Array,
  start: number,
  options: { end: number; wallMs: number },
  into: ReadTime,
): boolean {
  if (options.end - start < 15) return false;
  const name = String.fromCharCode(bytes[start] as number, bytes[start + 1] as number, bytes[start + 2] as number);
  const month = MONTHS.indexOf(name) / 3;
  const day = bytes[start + 4] === 0x20 ? digits(bytes, start + 5, 1) : digits(bytes, start + 4, 2);
  const time = readClock(bytes, start + 7);
  if (!Number.isInteger(month) || month < 0 || day < 1 || day > 31 || time < 0 || bytes[start + 3] !== 0x20)
    return false;
  const year = new Date(options.wallMs).getFullYear();
  // In January December was last year; a clock that is a little ahead is not.
  const guess = new Date(year, month, day, 0, 0, time).getTime();
  const ms = guess > options.wallMs + 31 * DAY_MS ? new Date(year - 1, month, day, 0, 0, time).getTime() : guess;
  into.seconds = Math.floor(ms / 1000);
  into.nanos = 0;
  into.end = start + 15;
  return true;
}

/** Seconds of `hh:mm:ss`, or -1. */
function readClock(bytes: Uint8Array, start: number): number {
  const hours = digits(bytes, start, 2);
  const minutes = digits(bytes, start + 3, 2);
  const seconds = digits(bytes, start + 6, 2);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59 || seconds < 0 || seconds > 60) return -1;
  return bytes[start + 2] === 0x3a && bytes[start + 5] === 0x3a ? hours * 3600 + minutes * 60 + seconds : -1;
}

function readOffset(bytes: Uint8Array, at: number, end: number): { seconds: number; end: number } | undefined {
  const sign = bytes[at];
  if (at >= end) return undefined;
  if (sign === 0x5a || sign === 0x7a) return { seconds: 0, end: at + 1 };
  if ((sign !== 0x2b && sign !== 0x2d) || at + 6 > end) return undefined;
  const hours = digits(bytes, at + 1, 2);
  const minutes = digits(bytes, at + 4, 2);
  if (hours < 0 || minutes < 0) return undefined;
  return { seconds: (sign === 0x2d ? -1 : 1) * (hours * 3600 + minutes * 60), end: at + 6 };
}

/** A number of exactly `count` digits, or -1. */
function digits(bytes: Uint8Array, start: number, count: number): number {
  let value = 0;
  for (let at = start; at < start + count; at++) {
    if (!isDigit(bytes[at])) return -1;
    value = value * 10 + (bytes[at] as number) - 0x30;
  }
  return value;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}
