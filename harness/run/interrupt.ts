// Ctrl-C and SIGTERM: the first ends the run early and cleans up; a second ends larsen at once with 255, and the
// reaper does the cleaning.

import type { Reporter } from '../model/reporter.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Watches the signals until `stop`. */
export function watchInterrupt(reporter: Pick<Reporter, 'message'>): { signal: AbortSignal; stop(): void } {
  const controller = new AbortController();
  const onSignal = (): void => {
    if (controller.signal.aborted) process.exit(255);
    reporter.message('Interrupted: cleaning up. Once more ends at once.');
    controller.abort(new Error('interrupted'));
  };
  for (const name of SIGNALS) process.on(name, onSignal);
  return {
    signal: controller.signal,
    stop: () => {
      for (const name of SIGNALS) process.off(name, onSignal);
    },
  };
}
