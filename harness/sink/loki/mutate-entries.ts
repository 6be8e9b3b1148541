// What Loki may change in the entries of a push when it is told to: times that are equal are moved apart, lines that
// are too long are cut. Both are off by default; the clients learn of neither.

import type { PushedEntry } from './push-request.ts';

/**
 * `increment_duplicate_timestamp`: an entry at the time of the one before it in its push comes a nanosecond after it,
 * unless the lines are equal, which stay duplicates. Other pushes to the stream are not looked at.
 */
export function incrementEqualTimes(entries: readonly PushedEntry[]): PushedEntry[] {
  const result: PushedEntry[] = [];
  let runNs = entries[0]?.tsNs;
  for (const entry of entries) {
    const before = result.at(-1);
    if (before && !before.line.equals(entry.line) && (entry.tsNs === runNs || entry.tsNs === before.tsNs)) {
      result.push({ ...entry, tsNs: before.tsNs + 1n });
      continue;
    }
    runNs = entry.tsNs;
    result.push(entry);
  }
  return result;
}

/** `max_line_size_truncate`: lines cut to `maxBytes`, wherever in a character that is. */
export function truncateLines(entries: readonly PushedEntry[], maxBytes: number): PushedEntry[] {
  return entries.map((entry) =>
    entry.line.length > maxBytes ? { ...entry, line: entry.line.subarray(0, maxBytes) } : entry,
  );
}
