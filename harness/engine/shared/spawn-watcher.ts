// Starts a process that outlives us by a moment, to clear up: its stdin is held open by this process and closes with it,
// whatever the end was.

import { type ChildProcess, spawn } from 'node:child_process';

/** In a session of its own, so that neither Ctrl-C nor the end of a terminal reaches it; it does not keep us alive. */
export function spawnWatcher(program: string, argument: string): ChildProcess {
  const watcher = spawn(process.execPath, [program, argument], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  watcher.unref();
  watcher.stdin?.on('error', () => undefined);
  (watcher.stdin as unknown as { unref?: () => void } | null)?.unref?.();
  return watcher;
}
