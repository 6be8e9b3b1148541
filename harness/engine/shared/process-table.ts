// Looking at processes without trusting a bare pid: a pid is ours only while its start time is what it was when we
// started it (Linux: field 22 of /proc/<pid>/stat). Where there is no /proc the start time is `?` and always matches.

import { readdirSync, readFileSync } from 'node:fs';

/** Start time of a process in clock ticks since boot, `?` where that cannot be read, null when it is gone. */
export function processStartTime(pid: number): string | null {
  const fields = statFields(pid);
  if (fields) return fields[19] ?? '?';
  try {
    process.kill(pid, 0);
    return hasProc() ? null : '?';
  } catch {
    return null;
  }
}

/** SIGKILLs a process (and its group) if it is still the one that had this start time. */
export function killIfSame(pid: number, { startTime, group }: { startTime: string; group: boolean }): void {
  if (group) trySignal(-pid, 'SIGKILL', processStartTime(pid) === startTime || isGroupAlive(pid));
  else trySignal(pid, 'SIGKILL', processStartTime(pid) === startTime);
}

/** One-letter state of a process (R S D T Z …), or null. */
export function processState(pid: number): string | null {
  return statFields(pid)?.[0] ?? null;
}

/** CPU milliseconds used so far and resident bytes, or null where that cannot be read. Ticks of 10 ms, pages of 4 KiB. */
export function processUsage(pid: number): { cpuMs: number; rssBytes: number } | null {
  const fields = statFields(pid);
  if (!fields) return null;
  return { cpuMs: (Number(fields[11]) + Number(fields[12])) * 10, rssBytes: Number(fields[21]) * 4_096 };
}

/** Processes of a group and their resident bytes together, shared pages counted in each; empty without /proc. */
export function groupUsage(pgid: number): { groupRssBytes?: number; groupProcesses?: number } {
  let rssBytes = 0;
  let processes = 0;
  for (const name of listProcesses()) {
    const fields = statFields(Number(name));
    if (!fields || Number(fields[2]) !== pgid) continue;
    processes++;
    rssBytes += Number(fields[21]) * 4_096;
  }
  return processes === 0 ? {} : { groupRssBytes: rssBytes, groupProcesses: processes };
}

function listProcesses(): string[] {
  try {
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
}

/** Wait channel and current system call of each thread, as far as the kernel lets us read them. */
export function threadStates(pid: number): { tid: number; wchan: string; syscall: string }[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map((tid) => ({
      tid: Number(tid),
      wchan: tryRead(`/proc/${pid}/task/${tid}/wchan`),
      syscall: tryRead(`/proc/${pid}/task/${tid}/syscall`).split(' ').slice(0, 4).join(' ').trim(),
    }));
  } catch {
    return [];
  }
}

/** Fields of /proc/<pid>/stat from the state on (the command name may hold blanks and parentheses). */
function statFields(pid: number): string[] | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return text
      .slice(text.lastIndexOf(')') + 2)
      .trim()
      .split(' ');
  } catch {
    return null;
  }
}

function hasProc(): boolean {
  return statFields(process.pid) !== null;
}

/** The leader may be gone while members live on; a group id stays reserved as long as it has members. */
function isGroupAlive(pgid: number): boolean {
  try {
    process.kill(-pgid, 0);
    return processStartTime(pgid) === null;
  } catch {
    return false;
  }
}

function trySignal(pid: number, signal: NodeJS.Signals, wanted: boolean): void {
  if (!wanted) return;
  try {
    process.kill(pid, signal);
  } catch {
    // It ended by itself in the meantime: that is what was wanted.
  }
}

function tryRead(path: string): string {
  try {
    return readFileSync(path, 'latin1').trim();
  } catch {
    return '';
  }
}
