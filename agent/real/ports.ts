// The machine's clock, network, chance and standard error, as the agent's ports ask for them.
// Only main.ts uses this folder: everything else in agent/ runs on whatever ports it is given.

import type { Clock, LogSink, Ports } from '../ports.ts';
import { listen } from './listen.ts';
import { createPoster } from './post.ts';
import { serve } from './serve.ts';

/** Own lines wait in memory while nobody reads standard error; more than this is given up. */
const UNREAD_LOG_BYTES_MAX = 65_536;

const clock: Clock = {
  nowMs: () => performance.now(),
  wallMs: () => Date.now(),
  setTimer(run, delayMs) {
    const timer = setTimeout(run, delayMs);
    return { cancel: () => clearTimeout(timer) };
  },
};

const log: LogSink = {
  write(line) {
    if (process.stderr.writableLength < UNREAD_LOG_BYTES_MAX) process.stderr.write(`${line}\n`);
  },
};

/** The real outside. */
export function createRealPorts(): Ports {
  return { clock, random: { next: () => Math.random() }, log, net: { listen, post: createPoster(), serve } };
}
