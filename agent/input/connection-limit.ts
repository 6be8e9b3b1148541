// How many senders an input takes at once: the next one is refused, counted and told, for every kind of stream alike.

import type { InputParts } from './input.ts';

/** Whether another connection is one too many; then it has been counted and logged. */
export function isOverLimit(
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
