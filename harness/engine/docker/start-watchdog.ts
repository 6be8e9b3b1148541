// Starts the watch over containers, once for each harness process.

import { programPath } from '../../core/program-path.ts';
import { spawnWatcher } from '../shared/spawn-watcher.ts';
import { ownerOf } from './labels.ts';

let isStarted = false;

/** It begins to sweep when this process has ended. */
export function startWatchdog(): void {
  if (isStarted) return;
  isStarted = true;
  const watchdog = spawnWatcher(programPath('./watchdog.js', import.meta.url), ownerOf(process.pid));
  // Without it the next start of larsen sweeps.
  watchdog.on('error', () => undefined);
}
