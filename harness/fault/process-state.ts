// What the kernel says of a process, from /proc: the proof that a signal did what it should. Linux only; elsewhere
// nothing can be proven here and the answer is null.

import { readdirSync, readFileSync } from 'node:fs';

/** State letter (R, S, D, T, Z…) and process group of one process. */
export interface ProcessState {
  state: string;
  group: number;
}

/** Reads one process; null when it does not exist (any more) or there is no /proc. */
export function readProcessState(pid: number): ProcessState | null {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return null;
  }
  // The name in parentheses may itself hold blanks and parentheses.
  const [state, , group] = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return state === undefined || group === undefined ? null : { state, group: Number(group) };
}

/** Whether `pid` and, where it leads a process group, everyone in that group is stopped. Null: there is no telling. */
export function isStopped(pid: number): boolean | null {
  const leader = readProcessState(pid);
  if (!leader) return null;
  const members = leader.group === pid ? readGroup(pid) : [leader];
  return members.every(({ state }) => state === 'T' || state === 't' || state === 'Z');
}

/** Whether the process is gone; a zombie that waits for its parent is. */
export function isGone(pid: number): boolean {
  const found = readProcessState(pid);
  if (found) return found.state === 'Z' || found.state === 'X';
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

function readGroup(group: number): ProcessState[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => readProcessState(Number(name)))
    .filter((found): found is ProcessState => found?.group === group);
}
