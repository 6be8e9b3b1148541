// Whether a process that records nothing itself stands in write(2) on its stdout: the kernel says so of each thread
// (/proc/<pid>/task/*/syscall: call number and first argument; wchan where that is not readable). A write that stands
// for longer than a few looks is told as an open write of the app, and so is its end.

import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { OPEN_AFTER_MS } from '../../app/line-recorder.ts';
import { nowNs } from '../../core/real-clock.ts';
import type { OpenWriteData, WriteEndData } from '../../model/event.ts';
import type { RunBed } from './run-bed.ts';

const LOOK_EVERY_MS = 50;

/** Looks until stopped. */
export function watchThreads(
  { space }: Pick<RunBed, 'space'>,
  { app, pid }: { app: string; pid(): number | null },
): { stop(): void } {
  let beginNs: number | null = null;
  let told = false;
  let count = 0;
  const look = (): void => {
    const id = pid();
    const isOpen = id !== null && standsInStdout(id);
    const atNs = nowNs();
    if (isOpen) {
      beginNs ??= atNs;
      const ageMs = (atNs - beginNs) / 1e6;
      if (ageMs < OPEN_AFTER_MS) return;
      // Told again with its new age each time it has grown by so much.
      if (told && ageMs % OPEN_AFTER_MS >= LOOK_EVERY_MS) return;
      told = true;
      const data: OpenWriteData = { seq: count, beginNs, ageMs, queued: false, waitingLines: 0 };
      space.record({ atNs, kind: 'write-begin', hop: 'app', app, data: { ...data, witness: 'kernel' } });
      return;
    }
    if (told && beginNs !== null) {
      const data: WriteEndData = { seq: count, beginNs, endNs: atNs };
      space.record({ atNs, kind: 'write-end', hop: 'app', app, data: { ...data, witness: 'kernel' } });
      count++;
    }
    beginNs = null;
    told = false;
  };
  const timer = setInterval(look, LOOK_EVERY_MS);
  timer.unref();
  return {
    stop: () => {
      look();
      clearInterval(timer);
    },
  };
}

/** Number of write(2) and writev(2) by architecture of Node. */
const WRITES: Record<string, string[]> = { x64: ['1', '20'], arm64: ['64', '66'] };

/** Whether a thread of the process is inside a write to descriptor 1 or 2 that does not return. */
export function standsInStdout(pid: number): boolean {
  const calls = WRITES[process.arch] ?? [];
  for (const tid of list(`/proc/${pid}/task`)) {
    const [number, descriptor] = read(`/proc/${pid}/task/${tid}/syscall`).split(' ');
    if (calls.includes(number ?? '') && (descriptor === '0x1' || descriptor === '0x2')) {
      if (isPipe(pid, Number(descriptor))) return true;
    } else if (number === '' && /pipe_write/.test(read(`/proc/${pid}/task/${tid}/wchan`))) return true;
  }
  return false;
}

function isPipe(pid: number, descriptor: number): boolean {
  try {
    return readlinkSync(`/proc/${pid}/fd/${descriptor}`).startsWith('pipe:');
  } catch {
    return false;
  }
}

function list(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1').trim();
  } catch {
    return '';
  }
}
