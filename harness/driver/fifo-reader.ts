// The shim's read of a real pipe: a FIFO opened without blocking and read by the event loop, at most 32 KiB at a
// time, and not at all while the stages behind it are full. (Streams of node:fs would take a thread of the pool
// each, for ever, on an idle FIFO.)

import { constants, openSync, readSync } from 'node:fs';
import { type OnReadOpts, Socket, type SocketConstructorOpts } from 'node:net';
import { COPY_BUFFER_BYTES } from './stages.ts';

/** What a reader tells. */
export interface FifoEvents {
  /** `count` bytes were read; returns whether to read on. */
  onRead(bytes: Buffer, count: number): boolean;
  /** The last writer has closed its end. */
  onEnd(): void;
}

/** A FIFO being read. */
export interface FifoReader {
  /** Reads on after `onRead` had said no. */
  resume(): void;
  /** Takes what the pipe still holds without waiting, for the books of the end. */
  readRest(onRest: (bytes: Buffer, count: number) => void): void;
  close(): void;
}

/** Kernel pipes hold at most this by default; more reads than that mean that somebody still writes. */
const REST_READS_MAX = 64;

/**
 * After a small read the pipe is left alone for a moment, so that a writer of many small lines does not wake us for
 * each: on a virtual machine a wake-up costs both sides some 50 µs (measured), more than all other work on a line.
 */
const COOL_DOWN_MS = 2;
const SMALL_READ_BYTES = COPY_BUFFER_BYTES / 2;

/** Opens the FIFO at `path` for reading; its writer opens it afterwards. Throws what open(2) answers. */
export function createFifoReader(path: string, { onRead, onEnd }: FifoEvents): FifoReader {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const buffer = Buffer.alloc(COPY_BUFFER_BYTES);
  let ended = false;
  let paused = false;
  let cooling = false;
  const readOn = (): void => {
    cooling = false;
    if (!paused && !ended) socket.resume();
  };
  const callback = (count: number): boolean => {
    paused = !onRead(buffer, count);
    if (paused || count >= SMALL_READ_BYTES) return !paused;
    cooling = true;
    setTimeout(readOn, COOL_DOWN_MS);
    return false;
  };
  // `onread` is documented for connections; a socket over a descriptor takes it as well.
  const options: SocketConstructorOpts & { onread: OnReadOpts } = { fd, writable: false, onread: { buffer, callback } };
  const socket = new Socket(options);
  const end = (): void => {
    if (!ended) onEnd();
    ended = true;
  };
  socket.on('end', end);
  socket.on('error', end);
  return {
    resume() {
      if (!paused || ended) return;
      paused = false;
      if (!cooling) socket.resume();
    },
    readRest(onRest) {
      for (let reads = 0; !ended && reads < REST_READS_MAX; reads++) {
        const count = readNow(fd, buffer);
        if (count === 0) return;
        onRest(buffer, count);
      }
    },
    close() {
      ended = true;
      socket.destroy();
    },
  };
}

/** Bytes read without waiting, 0: there is nothing, or nobody to write. */
function readNow(fd: number, buffer: Buffer): number {
  try {
    return readSync(fd, buffer);
  } catch {
    return 0;
  }
}
