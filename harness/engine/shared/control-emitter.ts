// The control emitter: writes a few lines a second to a pipe that is always drained, by the same means as an app.
// When it stalls too, the machine is slow and not the pipeline.

import { constants, openSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { controlProgram } from '../../app/registry.ts';
import { createFifos, openWriteEnd } from './fifo.ts';
import type { RunSpace } from './run-space.ts';

/** Starts the control emitter; `start` begins its plan. */
export async function startControlEmitter(space: RunSpace): Promise<{ start(loadStartNs: number): Promise<void> }> {
  const path = join(space.tempDir, 'control.out');
  createFifos([path]);
  const drain = new Socket({
    fd: openSync(path, constants.O_RDONLY | constants.O_NONBLOCK),
    readable: true,
    writable: false,
  });
  drain.resume();
  drain.on('error', () => undefined);
  const output = openWriteEnd(path);
  const part = await space.startPart({
    role: 'control',
    name: 'emitter',
    main: controlProgram,
    config: {},
    stdout: output,
  });
  space.onDispose(() => void drain.destroy());
  return { start: async (loadStartNs) => void (await part.call('load-start', { loadStartNs })) };
}
