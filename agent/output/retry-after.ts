// Reads the Retry-After header of HTTP (RFC 9110, section 10.2.3).
// A proxy in front of Loki sends it; Loki itself never does.

/** The wait in a Retry-After header, in seconds or as a date; `undefined` if it says nothing usable. */
export function parseRetryAfter(header: string, wallMs: number): number | undefined {
  if (/^\d{1,9}(\.\d+)?$/.test(header)) return Number(header) * 1000;
  const date = header === '' ? Number.NaN : Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - wallMs);
}
