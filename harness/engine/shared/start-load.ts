// The beginning of load: everybody who follows the plan is told of the same instant.

import type { HttpLoad } from './http-loads.ts';

interface Starter {
  startLoad(loadStartNs: number): Promise<void>;
}

/** Tells apps, load generators and the control emitter when load begins. */
export async function startLoad(
  loadStartNs: number,
  {
    apps,
    loads,
    control,
  }: { apps: Iterable<Starter>; loads: HttpLoad[]; control: { start(loadStartNs: number): Promise<unknown> } },
): Promise<void> {
  await Promise.all([
    ...[...apps].map((app) => app.startLoad(loadStartNs)),
    ...loads.map((load) => load.start(loadStartNs)),
    control.start(loadStartNs),
  ]);
}
