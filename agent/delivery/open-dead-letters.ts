// The dead letters of a config, with what happens to them in the agent's counters and log.

import { systemCodeOf } from '../errors.ts';
import type { Counters } from '../observe/counters.ts';
import type { OwnLog } from '../observe/own-log.ts';
import type { Files } from '../ports.ts';
import { DeadLetters } from './dead-letters.ts';

/** Undefined where the config asks for none. */
export function openDeadLetters(
  settings: { path: string; bytesMax: number } | undefined,
  { files, counters, log }: { files: Files; counters: Counters; log: OwnLog },
): DeadLetters | undefined {
  if (settings === undefined) return undefined;
  const { totals } = counters;
  return new DeadLetters({
    ...{ files, folder: settings.path, bytesMax: settings.bytesMax },
    onEvent: (event) => {
      if (event.kind === 'written') totals.deadLetters += event.entries;
      else if (event.kind === 'lost') totals.deadLettersLost += event.entries;
      else {
        totals.diskErrors++;
        log.warn('W_DEAD_LETTERS', `dead letters cannot be written: ${systemCodeOf(event.error)}`);
      }
    },
  });
}
