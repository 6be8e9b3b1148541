// The watch over everything a harness process starts. It runs in a session of its own, is told the temporary folder as its
// argument, and reads its stdin: one line per started process (`process <pid> <start time>`, `group <pgid> <start time>`).
// When stdin ends (the harness finished, crashed, or was killed with -9) it ends what is still alive and removes the
// folder, then exits. It never touches a pid whose start time differs.

import { createInterface } from 'node:readline';
import { killIfSame } from './process-table.ts';
import { removeFolder } from './remove-folder.ts';

const processes = new Map<number, { startTime: string; group: boolean }>();
const folder = process.argv[2];

process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);
process.on('SIGHUP', () => undefined);

createInterface({ input: process.stdin })
  .on('line', (line) => {
    const [word, first = '', second = ''] = line.split(' ');
    if (word === 'process' || word === 'group')
      processes.set(Number(first), { startTime: second, group: word === 'group' });
    else if (word === 'gone') processes.delete(Number(first));
  })
  .on('close', () => {
    for (const [pid, { startTime, group }] of processes) killIfSame(pid, { startTime, group });
    if (folder !== undefined) removeFolder(folder);
    process.exit(0);
  });
