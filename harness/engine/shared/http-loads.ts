// The HTTP load generators of a run, one process per http load of the scenario.

import { join } from 'node:path';
import { HarnessError } from '../../core/errors.ts';
import { programPath } from '../../core/program-path.ts';
import type { HttpLoadPartConfig } from '../../load/http/config.ts';
import type { EngineInput } from '../../model/engine.ts';
import type { RunSpace } from './run-space.ts';

/** A started generator, idle until `start`. */
export interface HttpLoad {
  start(loadStartNs: number): Promise<void>;
  /** Resolves when all due requests are settled, or after the bound. */
  settled(withinMs: number): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a generator for each app with http loads; `urlOf` gives the address of an app. */
export async function startHttpLoads(
  { plan }: EngineInput,
  space: RunSpace,
  urlOf: (app: string) => string | null,
): Promise<HttpLoad[]> {
  const { load } = plan.scenario;
  const targets = [...new Set(load.filter(({ kind }) => kind === 'http').map(({ to }) => to))];
  return Promise.all(
    targets.map(async (app) => {
      const url = urlOf(app);
      if (!url) throw new HarnessError('E_SCENARIO_INVALID', `\`load\`: app ${app} takes no http requests`);
      const config: HttpLoadPartConfig = {
        run: plan.runName,
        seed: plan.seed,
        app,
        url,
        path: load.find(({ to }) => to === app)!.path,
        paths: load.map(({ path }) => path),
        linesFile: join(space.linesDir, `${app}.bin`),
      };
      const part = await space.startPart({
        role: 'load',
        name: app,
        main: programPath('../../load/http/main.js', import.meta.url),
        config,
      });
      return {
        start: async (loadStartNs: number) => void (await part.call('load-start', { loadStartNs })),
        settled: async (withinMs: number) => void (await part.call('wait', null, withinMs).catch(() => undefined)),
        stop: async () => void (await part.call('stop', { withinMs: 1_000 }, 2_000).catch(() => undefined)),
      };
    }),
  );
}
