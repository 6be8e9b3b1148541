// The times of entries as receivers want them written. See timestamps.ts for the other way.

/** A moment since 1970. */
interface Moment {
  seconds: number;
  nanos: number;
}

/** Nanoseconds since 1970, such as 1763900000000000042. */
export function nanosText({ seconds, nanos }: Moment): string {
  return `${seconds}${nineDigits(nanos)}`;
}

/** Seconds since 1970 with nine decimals, such as 1763900000.000000042. */
export function secondsText({ seconds, nanos }: Moment): string {
  return `${seconds}.${nineDigits(nanos)}`;
}

/** RFC 3339 with nine decimals, such as 2025-11-23T12:13:20.000000042Z. */
export function rfc3339Text({ seconds, nanos }: Moment): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}.${nineDigits(nanos)}Z`;
}

function nineDigits(nanos: number): string {
  return String(nanos).padStart(9, '0');
}
