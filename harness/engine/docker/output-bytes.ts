// How much a process that records nothing itself has written to its stdout: its container's shim copies the pipe into
// the daemon's FIFO and does little else, so what the shim has read (/proc/<shim>/io, Linux, as root) is what the app
// got rid of, up to the 64 KiB that its pipe holds. Nobody is in the way of a line for it.

import { readFileSync } from 'node:fs';
import type { ProbeData } from '../../model/event.ts';
import type { RunBed } from './run-bed.ts';

const LOOK_EVERY_MS = 250;

/** Tells the sum whenever it has grown, until stopped. */
export function watchOutputBytes(
  { space }: Pick<RunBed, 'space'>,
  { app, pid }: { app: string; pid(): number | null },
): { stop(): void } {
  let last = -1;
  const look = (): void => {
    const id = pid();
    const bytes = id === null ? null : readShimBytes(id);
    if (bytes === null || bytes === last) return;
    last = bytes;
    const data: ProbeData = { probe: 'app-output', bytes };
    space.record({ kind: 'probe', hop: 'app', app, data: { ...data } });
  };
  const timer = setInterval(look, LOOK_EVERY_MS);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}

/** Bytes read so far by the shim that holds a container's first process; null where that cannot be seen. */
export function readShimBytes(pid: number): number | null {
  try {
    const parent = /^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
    if (!parent || !readFileSync(`/proc/${parent}/comm`, 'latin1').startsWith('containerd-shim')) return null;
    const read = /^rchar:\s*(\d+)$/m.exec(readFileSync(`/proc/${parent}/io`, 'latin1'))?.[1];
    return read === undefined ? null : Number(read);
  } catch {
    return null;
  }
}
