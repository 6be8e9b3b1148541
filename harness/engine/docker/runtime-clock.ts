// Times commands to the container runtime. They are not cut off while the run lasts: behind a log driver that does not
// let go they come back when the agent does, and that is what is to be known. What has not come back at the end is
// told with its age, and then given up.

import { nowNs } from '../../core/real-clock.ts';
import type { RuntimeProbeData } from '../../model/event.ts';
import type { RunBed } from './run-bed.ts';

/** A stopwatch for runtime commands. */
export interface RuntimeClock {
  /** Makes one call and records how long it took; never throws. Resolves when it came back or was given up. */
  time(command: string, when: RuntimeProbeData['when'], call: (signal: AbortSignal) => Promise<unknown>): Promise<void>;
  /** Gives up what has not come back. */
  stop(): void;
}

/** Starts one. */
export function createRuntimeClock({ space }: Pick<RunBed, 'space'>): RuntimeClock {
  const aborter = new AbortController();
  const record = (data: RuntimeProbeData): void =>
    void space.record({ atNs: nowNs(), kind: 'probe', hop: 'driver', data: { ...data } });
  return {
    async time(command, when, call) {
      if (aborter.signal.aborted) return;
      const sinceNs = nowNs();
      const measured = (): number => Math.round((nowNs() - sinceNs) / 1e6);
      try {
        await call(aborter.signal);
        record({ probe: 'runtime', command, when, tookMs: measured(), answered: true });
      } catch (error) {
        const isGivenUp = aborter.signal.aborted;
        const said = isGivenUp ? {} : { error: String((error as Error).message).slice(0, 300) };
        record({ probe: 'runtime', command, when, tookMs: measured(), answered: !isGivenUp, ...said });
      }
    },
    stop: () => aborter.abort(),
  };
}
