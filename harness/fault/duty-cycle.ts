// Stops and continues a process group in turn, so that it runs for a share of the time, and counts what the kernel
// confirms. Only a group that the process leads is touched: a pid alone may have become somebody else's.

import { nowNs, sleep } from '../core/real-clock.ts';
import { isStopped, readProcessState } from './process-state.ts';

const CYCLE_MS = 100;

/** What was measured over a whole cycle's life. */
export interface DutyFacts {
  /** Stops that /proc showed at their end, and all stops. */
  confirmedStops: number;
  stops: number;
  /** Share of the time in which the group was not stopped, by us or by a fault that held it. */
  ranShare: number;
}

/** A duty cycle under way. */
export interface DutyCycle {
  /** Ends it; the group runs, unless it is held. */
  stop(): Promise<DutyFacts>;
}

/** Starts one. `pid` is asked in each cycle: the agent may be restarted meanwhile. While `isHeld` it is left stopped. */
export function startDutyCycle(options: {
  share: number;
  pid(): number | null;
  isHeld(): boolean;
  signal: AbortSignal;
}): DutyCycle {
  const ended = new AbortController();
  const signal = AbortSignal.any([ended.signal, options.signal]);
  const facts = { confirmedStops: 0, stops: 0 };
  const startedNs = nowNs();
  let stoppedNs = 0;
  const pauseMs = CYCLE_MS * (1 - options.share);

  /** One pause of the group; ends with it running, unless another fault holds it by now. */
  const pause = async (): Promise<void> => {
    const pid = options.pid();
    if (pid === null || options.isHeld() || !signalGroup(pid, 'SIGSTOP')) return;
    const sinceNs = nowNs();
    facts.stops++;
    try {
      await sleep(pauseMs, signal);
    } finally {
      if (isStopped(pid) === true) {
        facts.confirmedStops++;
        stoppedNs += nowNs() - sinceNs;
      }
      if (!options.isHeld()) signalGroup(pid, 'SIGCONT');
    }
  };
  /** The rest of a cycle. Time in which another fault holds the group stopped is none in which it ran. */
  const rest = async (): Promise<void> => {
    const sinceNs = nowNs();
    const wasHeld = options.isHeld();
    await sleep(CYCLE_MS - pauseMs, signal).finally(() => {
      const pid = options.pid();
      if (wasHeld && pid !== null && isStopped(pid) === true) stoppedNs += nowNs() - sinceNs;
    });
  };
  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      await pause();
      await rest();
    }
  };
  const running = run().catch(() => undefined);

  return {
    async stop() {
      ended.abort();
      await running;
      const lastedNs = Math.max(1, nowNs() - startedNs);
      return { ...facts, ranShare: Math.round((1 - stoppedNs / lastedNs) * 1e3) / 1e3 };
    },
  };
}

/** false: it leads no group (any more), nothing was sent. */
function signalGroup(pid: number, name: 'SIGSTOP' | 'SIGCONT'): boolean {
  if (readProcessState(pid)?.group !== pid) return false;
  try {
    process.kill(-pid, name);
    return true;
  } catch {
    return false;
  }
}
