// Times as Loki reads them in parameters and legacy pushes, and as it prints them in its errors.

const RFC3339 = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:[.,](\d{1,9})\d*)?(Z|[+-]\d\d:\d\d)$/;

/** Unix nanoseconds of an RFC 3339 time, or null. */
export function parseRfc3339(text: string): bigint | null {
  const match = RFC3339.exec(text);
  if (!match) return null;
  const ms = Date.parse(`${match[1]}${match[3]}`);
  return Number.isNaN(ms) ? null : BigInt(ms) * 1_000_000n + BigInt((match[2] ?? '').padEnd(9, '0'));
}

/** A time parameter: integer ns, integer seconds of up to 10 digits, float seconds, or RFC 3339; null if none of them. */
export function parseTimeParam(text: string): bigint | null {
  if (/^-?\d{1,10}$/.test(text)) return BigInt(text) * 1_000_000_000n;
  if (/^-?\d{1,19}$/.test(text)) return BigInt(text);
  if (/^-?\d+\.\d+$/.test(text)) {
    const [whole = '0', fraction = ''] = text.split('.');
    return BigInt(whole) * 1_000_000_000n + BigInt(fraction.slice(0, 9).padEnd(9, '0'));
  }
  return parseRfc3339(text);
}

/** `2026-11-22T14:21:29Z`: Go's time.RFC3339 in UTC. */
export function formatRfc3339(tsNs: bigint): string {
  return `${isoSeconds(tsNs)}Z`;
}

/** `2026-11-22 14:21:29.5 +0000 UTC`: Go's Time.String() in UTC. */
export function formatGoTime(tsNs: bigint): string {
  const nanos = BigInt.asUintN(64, ((tsNs % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n);
  const fraction = nanos === 0n ? '' : `.${nanos.toString().padStart(9, '0').replace(/0+$/, '')}`;
  return `${isoSeconds(tsNs).replace('T', ' ')}${fraction} +0000 UTC`;
}

/** Any int64 of ns lies between the years 1677 and 2262, so that it is always a valid date. */
function isoSeconds(tsNs: bigint): string {
  const ms = Number(tsNs / 1_000_000n) - (tsNs < 0n && tsNs % 1_000_000n !== 0n ? 1 : 0);
  return new Date(ms).toISOString().slice(0, 19);
}
const DURATION_PART = /(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h|d|w|y)/gy;
const NS_PER: Record<string, number> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 6e10,
  h: 3.6e12,
  d: 8.64e13,
  w: 6.048e14,
  y: 3.1536e16,
};

/** Nanoseconds of a duration as Loki takes it, in what Prometheus and Go both write (`1h30m`, `7d`), or null. */
export function parseLokiDuration(text: string): bigint | null {
  let total = 0n;
  let at = 0;
  DURATION_PART.lastIndex = 0;
  for (let match = DURATION_PART.exec(text); match; match = DURATION_PART.exec(text)) {
    total += BigInt(Math.round(Number(match[1]) * NS_PER[match[2]!]!));
    at = DURATION_PART.lastIndex;
  }
  return at === text.length && at > 0 ? total : null;
}
