// The http load generator, a process of its own: sends each planned request at its due instant over autocannon's
// connections and records what became of it. It keeps its plan whatever the target does.
//
//   lines/<app>.bin (planned) ──► pacer ──► cannon ──► target
//   lines/<app>.bin (answered, failed, notSent) ◄──┘

import { connectPart } from '../../core/part.ts';
import { nowNs, sleep } from '../../core/real-clock.ts';
import { readPlan } from '../plan.ts';
import type { HttpLoadPartConfig, HttpLoadResult } from './config.ts';
import { createLoad } from './load.ts';

const PROBE_PERIOD_MS = 1_000;
const STOP_POLL_MS = 10;

const channel = await connectPart<HttpLoadPartConfig>();
const { config } = channel;
const load = createLoad(config, readPlan(config.linesFile));

channel.onCall('load-start', ({ loadStartNs }: { loadStartNs: number }) => {
  load.start(loadStartNs);
  setInterval(
    () => channel.emit({ atNs: nowNs(), kind: 'probe', hop: 'app', app: config.app, data: load.probe() }),
    PROBE_PERIOD_MS,
  ).unref();
});
channel.onCall('wait', () => load.settled);
channel.onCall('stop', async ({ withinMs }: { withinMs: number }): Promise<HttpLoadResult> => {
  load.cut();
  for (let waitedMs = 0; waitedMs < withinMs && !load.isSettled(); waitedMs += STOP_POLL_MS) await sleep(STOP_POLL_MS);
  return load.close();
});
channel.ready({});
