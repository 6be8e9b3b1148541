// Durations as Loki prints them in its errors: what was asked as Go does, what is allowed as Prometheus does.

const NS = { s: 1_000_000_000n, m: 60_000_000_000n, h: 3_600_000_000_000n };

/** `721h0m0.000000001s`, `1m30s`, `250ms`: Go's Duration.String(). */
export function formatGoDuration(ns: bigint): string {
  if (ns < NS.s) {
    if (ns === 0n) return '0s';
    if (ns >= 1_000_000n) return `${Number(ns) / 1e6}ms`;
    return ns >= 1_000n ? `${Number(ns) / 1e3}µs` : `${ns}ns`;
  }
  const fraction = (ns % NS.s).toString().padStart(9, '0').replace(/0+$/, '');
  const seconds = `${(ns / NS.s) % 60n}${fraction === '' ? '' : `.${fraction}`}s`;
  if (ns < NS.m) return seconds;
  const minutes = `${(ns / NS.m) % 60n}m${seconds}`;
  return ns < NS.h ? minutes : `${ns / NS.h}h${minutes}`;
}

/** `30d1h`, `1w`: Prometheus' Duration.String(); weeks and years only where they are all of it. */
export function formatModelDuration(ns: bigint): string {
  const ms = ns / 1_000_000n;
  if (ms === 0n) return '0s';
  const units: [string, bigint, boolean][] = [
    ['y', 31_536_000_000n, true],
    ['w', 604_800_000n, true],
    ['d', 86_400_000n, false],
    ['h', 3_600_000n, false],
    ['m', 60_000n, false],
    ['s', 1_000n, false],
    ['ms', 1n, false],
  ];
  let left = ms;
  let text = '';
  for (const [name, size, isWhole] of units) {
    if (isWhole && left % size !== 0n) continue;
    if (left >= size) text += `${left / size}${name}`;
    left %= size;
  }
  return text;
}
