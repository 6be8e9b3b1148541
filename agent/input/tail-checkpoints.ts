// How far files have been read, in a state file.

import type { Files } from '../ports.ts';
import { loadText, saveText } from './state-file.ts';
import type { TailPosition } from './tail-file.ts';

/** Reads the positions, names that rotation has taken files from, and when the round began after which they were written; none where there is no file, or none that can be read. */
export async function loadPositions(
  path: string,
  files: Files,
): Promise<{ positions: TailPosition[]; names: string[]; wallMs: number | undefined; broken: boolean }> {
  try {
    const text = await loadText(path, files);
    const found = JSON.parse(text === '' ? '{"positions":[]}' : text) as {
      positions: unknown[];
      names?: unknown[];
      wallMs?: unknown;
    };
    const wallMs = typeof found.wallMs === 'number' ? found.wallMs : undefined;
    const names = (found.names ?? []).filter((name) => typeof name === 'string');
    return { positions: found.positions.filter(isPosition), names, wallMs, broken: false };
  } catch {
    return { positions: [], names: [], wallMs: undefined, broken: true };
  }
}

/** Writes them; rejects with the system's error, and then the old ones stand. */
export function savePositions(
  path: string,
  state: { positions: readonly TailPosition[]; names: readonly string[]; wallMs: number },
  files: Files,
): Promise<void> {
  return saveText(path, `${JSON.stringify({ schema: 1, ...state })}\n`, files);
}

function isPosition(value: unknown): value is TailPosition {
  const { path, identity, offset, fingerprint } = (value ?? {}) as Partial<TailPosition>;
  return (
    typeof path === 'string' &&
    typeof identity === 'string' &&
    Number.isSafeInteger(offset) &&
    typeof fingerprint?.hash === 'string' &&
    Number.isSafeInteger(fingerprint.length)
  );
}
