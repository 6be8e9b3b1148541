// How far files have been read, in a state file.

import type { Files } from '../ports.ts';
import { loadText, saveText } from './state-file.ts';
import type { TailPosition } from './tail-file.ts';

/** Reads the positions; none where there is no file, or none that can be read. */
export async function loadPositions(
  path: string,
  files: Files,
): Promise<{ positions: TailPosition[]; broken: boolean }> {
  try {
    const text = await loadText(path, files);
    const { positions } = JSON.parse(text === '' ? '{"positions":[]}' : text) as { positions: unknown[] };
    return { positions: positions.filter(isPosition), broken: false };
  } catch {
    return { positions: [], broken: true };
  }
}

/** Writes them; rejects with the system's error, and then the old ones stand. */
export function savePositions(path: string, positions: readonly TailPosition[], files: Files): Promise<void> {
  return saveText(path, `${JSON.stringify({ schema: 1, positions })}\n`, files);
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
