// What the engine holds of a running app, whoever wrote its program.

import type { ChildProcess } from 'node:child_process';
import { HarnessError } from '../../core/errors.ts';
import type { ProcessHandle } from '../../model/parts.ts';
import type { AppSpec } from '../../model/scenario.ts';

/** A running app. */
export interface AppProcess {
  spec: AppSpec;
  url: string | null;
  handle: ProcessHandle;
  startLoad(loadStartNs: number): Promise<void>;
  /** Ends it: told to stop, then SIGTERM, then SIGKILL. Bounded. */
  stop(): Promise<void>;
}

/** What an app is started with. Addresses are given out before anything starts, so that all apps can start at once. */
export interface AppStart {
  spec: AppSpec;
  output: { stdout: number; stderr: number };
  /** Port for http apps. */
  port: number;
  backend: { name: string; url: string } | null;
}

/** What faults may do to an app. */
export function appHandle(child: ChildProcess, stop: () => Promise<void>): ProcessHandle {
  return {
    pid: () => (child.exitCode === null && child.signalCode === null ? (child.pid ?? null) : null),
    signal: async (name) => void child.kill(name),
    stop,
    start: async () => {
      throw new HarnessError(
        'E_ENGINE_FAULT',
        'The process engine does not start an app again: its plan would be written twice',
      );
    },
  };
}
