// How a container ended: 128 + n is the end by signal n, as a shell says it.

import { constants } from 'node:os';

/** Exit code or signal, as of a child process. */
export function exitSignal(code: number | null): { code: number | null; signal: string | null } {
  if (code === null || code <= 128) return { code, signal: null };
  const found = Object.entries(constants.signals).find(([, number]) => number === code - 128);
  return found ? { code: null, signal: found[0] } : { code, signal: null };
}
