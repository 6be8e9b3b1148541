// Removing a folder of ours that may have file systems of ours mounted in it (engine/process/agent-disk.ts). Used at
// the end of a run, by the reaper, and by the sweep at the next start: a killed harness leaves no mount behind.

import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';

/** Unmounts what is mounted below `folder`, then removes it. Never touches a mount anywhere else. */
export function removeFolder(folder: string): void {
  for (const path of mountsBelow(folder).reverse()) {
    try {
      // Lazy: a process that is about to end may still have a file open in it.
      execFileSync('umount', ['-l', path], { stdio: 'ignore' });
    } catch {
      // What is in it is removed all the same; the empty mount point stays.
    }
  }
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EBUSY') throw error;
  }
}

const MOUNT_POINT = 4;

/** Mount points of memory file systems below a folder, in order of mounting; none where there is no /proc. */
function mountsBelow(folder: string): string[] {
  let lines: string[];
  try {
    lines = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
  } catch {
    return [];
  }
  return lines
    .filter((line) => line.includes(' - tmpfs '))
    .map((line) => unescapePath(line.split(' ')[MOUNT_POINT] ?? ''))
    .filter((path) => path.startsWith(`${folder}/`));
}

/** Blanks, tabs, newlines and backslashes come as three octal digits. */
function unescapePath(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
