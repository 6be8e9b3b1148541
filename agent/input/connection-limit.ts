// How many senders an input takes at once: the next one is refused, counted and told, for every kind of stream alike.

import type { InputParts } from './input.ts';

/** Refuses another connection where it is one too many: counts and tells it, and returns true. */
export function refuseOverLimit(
  settings: { url: string; connectionsMax: number },
  open: number,
  { counters, log }: Pick<InputParts, 'counters' | 'log'>,
): boolean {
  if (open < settings.connectionsMax) return false;
  counters.totals.connectionsRefused++;
  log.warn(
    'W_CONNECTION_REFUSED',
    `refused a connection to ${settings.url}: all ${settings.connectionsMax} allowed by connectionsMax are taken`,
  );
  return true;
}
