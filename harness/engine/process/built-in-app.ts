// An app of ours: a part in a process of its own whose stdout is the route's pipe. It records its own writes.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AppPartConfig } from '../../app/part.ts';
import type { EngineInput } from '../../model/engine.ts';
import type { EmittedEvent } from '../../model/event.ts';
import { builtInApps } from '../built-in-apps.ts';
import { createFileTail, type FileTail } from '../shared/file-tail.ts';
import type { PartProcess } from '../shared/part-process.ts';
import type { RunSpace } from '../shared/run-space.ts';
import { type AppProcess, type AppStart, appHandle } from './app-process.ts';

/** Starts a built-in app; it is idle until its load begins. */
export async function startBuiltInApp(
  { plan, registry }: EngineInput,
  space: RunSpace,
  { spec, output, port, backend }: AppStart,
): Promise<AppProcess> {
  const builtIn = builtInApps.get(spec.type)!;
  const eventsFile = join(space.tempDir, `${spec.name}.events.jsonl`);
  writeFileSync(eventsFile, '');
  const tail: FileTail = createFileTail(eventsFile, {
    everyMs: 100,
    onLine: (event) => void space.record(event as EmittedEvent),
  });
  const shape = registry.shapes.get(spec.shape);
  const shapeModule = shape && registry.pluginFileOf?.(shape);
  const config: AppPartConfig = {
    app: spec,
    run: plan.runName,
    seed: plan.seed,
    linesFile: join(space.linesDir, `${spec.name}.bin`),
    eventsFile,
    shape: spec.shape,
    ...(shapeModule && { shapeModule }),
    listenPort: builtIn.kind === 'http' ? port : null,
    backendUrl: backend?.url ?? null,
    backendApp: backend?.name ?? null,
  };
  const part = await space.startPart({
    role: 'app',
    name: spec.name,
    main: builtIn.main,
    config,
    stdout: output.stdout,
  });
  space.onDispose(() => tail.close());
  return {
    spec,
    url: (part.info as { url?: string } | null)?.url ?? null,
    handle: appHandle(part.child, () => stopBuiltIn(part)),
    startLoad: async (loadStartNs) => void (await part.call('load-start', { loadStartNs })),
    stop: async () => {
      await stopBuiltIn(part);
      tail.poll();
    },
  };
}

const STOP_WITHIN_MS = 1_500;

async function stopBuiltIn(part: PartProcess): Promise<void> {
  try {
    await part.call('stop', { withinMs: STOP_WITHIN_MS }, STOP_WITHIN_MS + 500);
  } catch {
    // Blocked in write(2) for good: what it wrote was published, SIGKILL is what its container would get.
    part.child.kill('SIGKILL');
  }
  await part.stop(1_000);
}
