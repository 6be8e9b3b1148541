// Nothing we start outlives us. Each harness process has one folder for short-lived things (sockets, FIFOs, agent
// data) and one reaper process that watches it. Both know every process that was started; the folder also tells the
// next start of larsen what to sweep, should harness and reaper have been killed together.

import { randomBytes } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { programPath } from '../../core/program-path.ts';
import { chooseTempFolder } from '../../core/temp-folder.ts';
import { killIfSame, processStartTime } from './process-table.ts';
import { removeFolder } from './remove-folder.ts';
import { spawnWatcher } from './spawn-watcher.ts';

const FOLDER_PREFIX = 'larsen-';
const OWNER_FILE = 'owner';

/** Knows what was started and sees that it ends. */
export interface Guard {
  /** A new private folder below the guard's; short enough for socket paths where the system's tmp allows it. */
  createFolder(name: string): string;
  removeFolder(path: string): void;
  /** Watches a process; `group` when it leads a process group that should end with it. */
  watch(pid: number, options: { group: boolean }): void;
  /** The process ended. */
  forget(pid: number): void;
}

let current: Guard | null = null;

/** The guard of this harness process, started on first use. */
export function getGuard(): Guard {
  current ??= createGuard();
  return current;
}

function createGuard(): Guard {
  sweepLeftovers();
  const root = join(chooseTempFolder(), FOLDER_PREFIX + randomBytes(4).toString('hex'));
  // It knows the folder before that is there: killed at any moment from here on, nothing is left.
  const reaper = spawnWatcher(programPath('./reaper.js', import.meta.url), root);
  mkdirSync(root, { mode: 0o700 });
  const ownerFile = join(root, OWNER_FILE);
  writeFileSync(ownerFile, `owner ${process.pid} ${processStartTime(process.pid)}\n`, { mode: 0o600 });
  const tell = (line: string): void => {
    reaper.stdin?.write(`${line}\n`);
    if (existsSync(ownerFile)) appendFileSync(ownerFile, `${line}\n`);
  };
  return {
    createFolder(name) {
      const folder = join(root, name);
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      return folder;
    },
    removeFolder,
    watch: (pid, { group }) => tell(`${group ? 'group' : 'process'} ${pid} ${processStartTime(pid) ?? '?'}`),
    forget: (pid) => tell(`gone ${pid}`),
  };
}

/** Ends and removes what a killed harness left behind. Only folders whose owner is certainly gone. */
export function sweepLeftovers(): { folders: number } {
  let folders = 0;
  const base = chooseTempFolder();
  for (const name of readdirSync(base)) {
    const folder = join(base, name);
    const ownerFile = join(folder, OWNER_FILE);
    if (!name.startsWith(FOLDER_PREFIX) || !existsSync(ownerFile) || !isOurs(ownerFile)) continue;
    const [owner, ...lines] = readFileSync(ownerFile, 'utf8').trim().split('\n');
    const [word, pid, startTime] = (owner ?? '').split(' ');
    if (word !== 'owner' || processStartTime(Number(pid)) === startTime) continue;
    for (const line of lines) {
      const [kind, started, time = ''] = line.split(' ');
      if (kind === 'process' || kind === 'group') killIfSame(Number(started), { startTime: time, group: false });
    }
    removeFolder(folder);
    folders++;
  }
  return { folders };
}

/** Another user's folder is not ours to read or remove. */
function isOurs(file: string): boolean {
  return process.getuid === undefined || statSync(file).uid === process.getuid();
}
