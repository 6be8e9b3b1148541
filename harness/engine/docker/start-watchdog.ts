// Starts the watch over containers, once for each harness process.

import { spawn } from 'node:child_process';
import { programPath } from '../../core/program-path.ts';
import { ownerOf } from './labels.ts';

let isStarted = false;

/** In a session of its own, so that neither Ctrl-C nor the end of a terminal reaches it; it does not keep us alive. */
export function startWatchdog(): void {
  if (isStarted) return;
  isStarted = true;
  const watchdog = spawn(process.execPath, [programPath('./watchdog.js', import.meta.url), ownerOf(process.pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  watchdog.unref();
  watchdog.on('error', () => undefined);
  watchdog.stdin?.on('error', () => undefined);
  (watchdog.stdin as unknown as { unref?: () => void } | null)?.unref?.();
}
