// The watch over everything a harness process starts. It runs in a session of its own and reads its stdin: one line per
// started process (`process <pid> <start time>`, `group <pgid> <start time>`) and per temporary folder
// (`folder <path>`). When stdin ends (the harness finished, crashed, or was killed with -9) it ends
// what is still alive and removes the folders, then exits. It never touches a pid whose start time differs.

import { createInterface } from 'node:readline';
import { killIfSame } from './process-table.ts';
import { removeFolder } from './remove-folder.ts';

const processes = new Map<number, { startTime: string; group: boolean }>();
const folders = new Set<string>();

process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);
process.on('SIGHUP', () => undefined);

createInterface({ input: process.stdin })
  .on('line', (line) => {
    const [word, first = '', second = ''] = line.split(' ');
    if (word === 'process' || word === 'group')
      processes.set(Number(first), { startTime: second, group: word === 'group' });
    else if (word === 'gone') processes.delete(Number(first));
    else if (word === 'folder') folders.add(line.slice('folder '.length));
    else if (word === 'removed') folders.delete(line.slice('removed '.length));
  })
  .on('close', () => {
    for (const [pid, { startTime, group }] of processes) killIfSame(pid, { startTime, group });
    for (const folder of folders) removeFolder(folder);
    process.exit(0);
  });
