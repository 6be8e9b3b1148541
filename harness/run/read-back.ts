// After everything has stopped: lists what the sink holds, lets it count, and files each entry as what it is.

import { join } from 'node:path';
import { nowNs } from '../core/real-clock.ts';
import { classifyEntries } from '../ledger/read-back.ts';
import { scanPlanted } from '../ledger/scan-planted.ts';
import { readWrittenLookup } from '../ledger/written-lookup.ts';
import type { LineWrapper } from '../model/agent.ts';
import type { EngineWorld } from '../model/engine.ts';
import type { EmittedEvent } from '../model/event.ts';
import type { PlantedFacts } from '../model/planted.ts';
import type { RunPlan } from '../model/run.ts';
import type { ReadBackFacts } from '../model/run-record.ts';
import { readBackWindow, wideWindow } from './preflight.ts';
import { openHistory } from './recorded-history.ts';

/** Lists, counts and classifies; null when the sink cannot be read back. Planted personal data is looked for where `privacy` is judged. */
export async function readBackSink({
  plan,
  world,
  wrapper,
  record,
}: {
  plan: RunPlan;
  world: EngineWorld;
  wrapper: LineWrapper;
  record(event: EmittedEvent): void;
}): Promise<ReadBackFacts | null> {
  const window = readBackWindow();
  const wide = wideWindow();
  const [near, all] = [await world.count(window), await world.count(wide)];
  const chosen = near !== null && all !== null && all > near ? wide : window;
  const entries = world.readBack(chosen);
  if (!entries) return null;
  const planted: PlantedFacts | null = plan.scenario.expect.privacy ? { scannedEntries: 0, leaked: {} } : null;
  const written = await readWrittenLookup(await openHistory(plan.folder));
  const summary = await classifyEntries({
    entries: planted ? scanPlanted(entries, planted) : entries,
    run: plan.runName,
    apps: Object.keys(plan.scenario.topology.apps),
    wrapper,
    linesDir: join(plan.folder, 'lines'),
    written,
    nowNs,
  });
  if (planted) record({ kind: 'probe', hop: 'sink', data: { probe: 'planted', ...planted } });
  return { ...summary, countedEntries: chosen === wide ? all : near };
}
