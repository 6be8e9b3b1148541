// The machine's clock, network, chance and standard error, as the agent's ports ask for them.
// Only program.ts uses this folder: everything else in agent/ runs on whatever ports it is given.

import { randomBytes } from 'node:crypto';
import { constants, fstatSync, openSync, write } from 'node:fs';
import type { Clock, LogSink, Ports, Random, TextSink } from '../ports.ts';
import { connect } from './connect.ts';
import { files } from './files.ts';
import { findOwnContainer } from './find-own-container.ts';
import { listen } from './listen.ts';
import { listenDatagrams } from './listen-datagrams.ts';
import { createPoster } from './post.ts';
import { processes } from './processes.ts';
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

/** By the system call, in a thread of its own: Node's own stream may hold the whole process while nobody reads it. */
const stdout: TextSink = {
  write: async (bytes) => {
    for (let at = 0; at < bytes.length; ) at += await writeSome(bytes.subarray(at));
  },
};

let stdoutFd: number | undefined;

/** A thread that waits in a `write` would keep the process from its end: a pipe is opened once more, and never waits. */
function openStdout(): number {
  try {
    if (fstatSync(1).isFIFO()) return openSync('/proc/self/fd/1', constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    // Another system, or a pipe whose reader is gone: the write will tell.
  }
  return 1;
}

function writeSome(bytes: Uint8Array): Promise<number> {
  stdoutFd ??= openStdout();
  const fd = stdoutFd;
  return new Promise((resolve, reject) => {
    write(fd, bytes, (error, written) => {
      if (error === null) resolve(written);
      else if (error.code === 'EAGAIN') setTimeout(() => resolve(0), 10);
      else reject(error);
    });
  });
}

const random: Random = { next: () => Math.random(), bytes: (count) => randomBytes(count) };

/** The real outside. */
export function createRealPorts(): Ports {
  return {
    clock,
    random,
    log,
    stdout,
    files,
    processes,
    ownContainer: findOwnContainer(),
    net: { listen, listenDatagrams, connect, post: createPoster(), serve },
  };
}
