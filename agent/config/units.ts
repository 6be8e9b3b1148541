// Sizes and durations as people write them: 4MiB, 250ms.

const SIZE_UNITS: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1000,
  MB: 1e6,
  GB: 1e9,
  KiB: 1024,
  MiB: 1_048_576,
  GiB: 1_073_741_824,
};
const TIME_UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Bytes of a size such as `64MiB`, `256KB` or a plain number; `undefined` if it is none. */
export function parseSize(text: string | number): number | undefined {
  return parse(text, SIZE_UNITS);
}

/** Milliseconds of a duration such as `250ms`, `10s`, `1m`; `undefined` if it is none. A unit is required. */
export function parseDuration(text: string): number | undefined {
  return /[a-z]$/.test(text) ? parse(text, TIME_UNITS) : undefined;
}

function parse(text: string | number, units: Readonly<Record<string, number>>): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([A-Za-z]*)$/.exec(String(text).trim());
  const scale = match?.[2] === '' ? 1 : units[match?.[2] ?? '?'];
  return scale === undefined ? undefined : Math.round(Number(match?.[1]) * scale);
}
