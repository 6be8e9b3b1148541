// Which processes of a test still live: those that have its folder in their environment.

import { readdirSync, readFileSync } from 'node:fs';

/** A process, and its command line with blanks between the arguments. */
export interface LivingProcess {
  pid: number;
  command: string;
}

/** Processes other than this one that were started from a folder, or with it in their environment, and live. */
export function livingIn(folder: string): LivingProcess[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => readProc(pid, 'environ').includes(folder) && !readProc(pid, 'stat').includes(') Z '))
    .map((pid) => ({ pid: Number(pid), command: readProc(pid, 'cmdline').replaceAll('\0', ' ') }));
}

function readProc(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    return '';
  }
}
