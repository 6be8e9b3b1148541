// A connection between two hops as faults see it: those to the sink pass the recording hop, where they can be
// disturbed; the driver's socket cannot be reached.

import { HarnessError } from '../../core/errors.ts';
import type { Hop } from '../../model/event.ts';
import type { HopHandle, SinkHandle } from '../../model/parts.ts';

/** The handle. Throws E_ENGINE_FAULT for any other connection. */
export function hopToSink(sink: SinkHandle, { from, to }: { from: Hop; to: Hop }): HopHandle {
  if (to !== 'sink') {
    throw new HarnessError(
      'E_ENGINE_FAULT',
      `This engine cannot disturb the connection ${from}..${to}, only those to the sink`,
    );
  }
  const blackhole = async (): Promise<() => Promise<void>> => {
    await sink.stop();
    return () => sink.start();
  };
  return {
    reset: async () => {
      await (await blackhole())();
      return async () => undefined;
    },
    stall: () => sink.script({ fault: 'hop-stall', silent: true }),
    blackhole,
    delay: (delayMs) => sink.script({ fault: 'hop-delay', delayMs }),
  };
}
