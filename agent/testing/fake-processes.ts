// Programs that a test plays: it writes what they would write, and ends them.

import type { Processes, ProcessHandler } from '../ports.ts';

/** A program that the agent started. */
export interface FakeProcess {
  readonly command: readonly string[];
  readonly state: { paused: boolean; killed: boolean };
  write(bytes: Uint8Array): void;
  exit(why: string): void;
}

/** See the file's comment. */
export class FakeProcesses implements Processes {
  readonly started: FakeProcess[] = [];

  start(command: readonly string[], handler: ProcessHandler) {
    const state = { paused: false, killed: false };
    this.started.push({
      command,
      state,
      write: (bytes) => handler.onRead(bytes),
      exit: (why) => handler.onExit(why),
    });
    return {
      pause: () => {
        state.paused = true;
      },
      resume: () => {
        state.paused = false;
      },
      kill: () => {
        if (state.killed) return;
        state.killed = true;
        handler.onExit('SIGTERM');
      },
    };
  }
}
