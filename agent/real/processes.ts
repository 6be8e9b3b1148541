// Other programs whose standard output the agent reads.

import { spawn } from 'node:child_process';
import type { Processes } from '../ports.ts';

/** Real processes. Their standard error goes nowhere: it may hold what the agent must not repeat. */
export const processes: Processes = {
  start([command = '', ...args], handler) {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'ignore'] });
    let ended = false;
    const end = (why: string): void => {
      if (ended) return;
      ended = true;
      handler.onExit(why);
    };
    child.stdout.on('data', (bytes: Buffer) => handler.onRead(bytes));
    child.once('error', (error: NodeJS.ErrnoException) => end(error.code ?? 'error'));
    child.once('close', (code, signal) => end(signal ?? `exit code ${code}`));
    return {
      pause: () => void child.stdout.pause(),
      resume: () => void child.stdout.resume(),
      kill: () => void child.kill(),
    };
  },
};
