// The way of a byte from the container's stdout to the line copier, as counts over the stream's one store. Every
// stage hands on what the next one takes and holds the rest, so back-pressure reaches the app by itself:
//
//   app's pipe ──► shim ──► FIFO ──► copy buffer ──► byte pipe ──► line copier
//   (real, 64 K)   ≤ 32 K   64 K     ≤ 32 K          1e6 …         reads ≤ 2,048
//
// The shim reads its next piece only when the FIFO has taken the whole of the last one.

import { createBytePipe } from './byte-pipe.ts';
import { createKernelPipe } from './kernel-pipe.ts';

/** The largest read of the shim and of the daemon's copy loop, bytes. */
export const COPY_BUFFER_BYTES = 32_768;

/** The counted stages of one stream. */
export interface Stages {
  /** Bytes in all stages. */
  readonly held: number;
  /** Bytes held by the daemon itself: copy buffer and byte pipe. What remains is in shim and FIFO. */
  readonly inDaemon: number;
  /** Bytes in the byte pipe. */
  readonly inBytePipe: number;
  /** Whether the shim has handed on all it read and reads the app's pipe again. */
  readonly wantsRead: boolean;
  /** The shim has read `count` bytes (at most 32 KiB) while it wanted to. */
  push(count: number): void;
  /** The line copier reads up to `max` bytes; returns how many it got. */
  take(max: number): number;
  /** The daemon gives up on the pipes of an ended container: what its byte pipe has not got is forgotten. */
  cutPipes(): void;
  /** The daemon ends and forgets what it holds; returns how many bytes. Shim and FIFO outlive it, and fill. */
  stopDaemon(): number;
  /** The daemon is back and reads the FIFO again. */
  startDaemon(): void;
}

/** Empty stages. */
export function createStages(): Stages {
  const fifo = createKernelPipe();
  const bytePipe = createBytePipe();
  let inShim = 0;
  let inCopyBuffer = 0;
  let isDaemonUp = true;

  const advance = (): void => {
    for (;;) {
      const piped = bytePipe.write(inCopyBuffer);
      inCopyBuffer -= piped;
      const copied = isDaemonUp && inCopyBuffer === 0 ? fifo.read(COPY_BUFFER_BYTES) : 0;
      inCopyBuffer += copied;
      const shimmed = fifo.write(inShim);
      inShim -= shimmed;
      if (piped + copied + shimmed === 0) return;
    }
  };

  return {
    get held() {
      return inShim + fifo.length + inCopyBuffer + bytePipe.length;
    },
    get inDaemon() {
      return inCopyBuffer + bytePipe.length;
    },
    get inBytePipe() {
      return bytePipe.length;
    },
    get wantsRead() {
      return inShim === 0;
    },
    push(count) {
      inShim += count;
      advance();
    },
    take(max) {
      const taken = bytePipe.read(max);
      if (inCopyBuffer + inShim > 0) advance();
      return taken;
    },
    cutPipes() {
      inShim = 0;
      inCopyBuffer = 0;
      fifo.read(Number.POSITIVE_INFINITY);
    },
    stopDaemon() {
      const forgotten = inCopyBuffer + bytePipe.length;
      inCopyBuffer = 0;
      bytePipe.clear();
      isDaemonUp = false;
      return forgotten;
    },
    startDaemon() {
      isDaemonUp = true;
      advance();
    },
  };
}
