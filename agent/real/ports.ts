// The machine's clock, network, chance and standard error, as the agent's ports ask for them.
// Only main.ts uses this folder: everything else in agent/ runs on whatever ports it is given.

import { randomBytes } from 'node:crypto';
import type { Clock, LogSink, Ports, Random } from '../ports.ts';
import { files } from './files.ts';
import { listen } from './listen.ts';
import { listenDatagrams } from './listen-datagrams.ts';
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

const random: Random = { next: () => Math.random(), bytes: (count) => randomBytes(count) };

/** The real outside. */
export function createRealPorts(): Ports {
  return { clock, random, log, files, net: { listen, listenDatagrams, post: createPoster(), serve } };
}
