// Tells scenario files from agent files by their top-level keys, without parsing them as a whole: a folder may hold
// both, and an agent's own config may lie beside its agent file.

import { closeSync, openSync, readSync } from 'node:fs';

const HEAD_BYTES = 65_536;

/** `scenario`: it has a topology. `agent`: it names an agent and has none. Else `other`, also when it can't be read. */
export function classifyFile(file: string): 'scenario' | 'agent' | 'other' {
  const head = readHead(file);
  const has = (key: string): boolean =>
    new RegExp(file.endsWith('.json') ? `"${key}"\\s*:` : `^(\\{\\s*)?["']?${key}["']?\\s*:`, 'm').test(head);
  if (has('topology')) return 'scenario';
  return has('agent') ? 'agent' : 'other';
}

function readHead(file: string): string {
  try {
    const handle = openSync(file, 'r');
    const head = Buffer.alloc(HEAD_BYTES);
    const count = readSync(handle, head, 0, HEAD_BYTES, 0);
    closeSync(handle);
    return head.toString('utf8', 0, count);
  } catch {
    return '';
  }
}
