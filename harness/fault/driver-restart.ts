// The Docker daemon restarts under running containers (live-restore): connections to the agent close, what the daemon
// held in memory is gone, pipes, shims and FIFOs stay. It is over at once, so healing has nothing to do. Evidence: the
// driver's own report of the restart, with at least one app among the loggers.

import { z } from 'zod';
import type { EventRef } from '../model/event.ts';
import type { FaultDefinition } from '../model/parts.ts';
import { eventRef } from './push-evidence.ts';

/** Has no parameters. */
export const driverRestart: FaultDefinition<Record<string, never>> = {
  name: 'driver-restart',
  hop: 'driver',
  engines: ['process'],
  params: z.strictObject({}),
  inject: (world) => world.driver.restart(),
  heal: async () => undefined,
  bit: async (history, { fromNs, toNs }) => {
    const refs: EventRef[] = [];
    for await (const event of history.control()) {
      const { role, state, loggers } = event.data ?? {};
      if (event.kind !== 'process' || role !== 'driver' || state !== 'restarted') continue;
      if (event.atNs >= fromNs && event.atNs <= toNs && servesAnApp(loggers)) refs.push(eventRef(event));
    }
    return refs;
  },
};

/** The agent's own container is behind our driver even where a plugin's driver serves the apps. */
function servesAnApp(loggers: unknown): boolean {
  return Array.isArray(loggers) && loggers.some(({ app }: { app: string }) => !app.startsWith('@'));
}
