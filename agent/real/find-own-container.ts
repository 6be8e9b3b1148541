// Finds the id of the container that this process runs in. There is no one place that has it under every runtime and both
// versions of cgroups, so several are asked; none of them has it outside of a container.

import { existsSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** What the places say; a test gives its own. */
export interface ContainerClues {
  /** `/proc/self/mountinfo`: Docker mounts /etc/hostname out of the container's own folder. */
  mounts: string;
  /** `/proc/self/cgroup`: ends in the id under cgroups version 1. */
  cgroups: string;
  /** The host name, which is the short id unless somebody has set another; only where a runtime says that this is a container. */
  hostname: string;
  isContainer: boolean;
}

/** The id, whole or its first twelve digits; `undefined` outside of a container, or where nothing tells it. */
export function findContainerId(clues: ContainerClues): string | undefined {
  for (const row of clues.mounts.split('\n')) {
    const [, , , root = '', point = ''] = row.split(' ');
    const id = /\/([0-9a-f]{64})\/(?:hostname|hosts|resolv\.conf|userdata\/hostname)$/.exec(root)?.[1];
    if (id !== undefined && point.startsWith('/etc/')) return id;
  }
  for (const row of clues.cgroups.split('\n')) {
    const id = /[/-]([0-9a-f]{64})(?:\.scope)?$/.exec(row)?.[1];
    if (id !== undefined) return id;
  }
  return clues.isContainer && /^[0-9a-f]{12}$/.test(clues.hostname) ? clues.hostname : undefined;
}

/** The id of the container of this process. */
export function findOwnContainer(): string | undefined {
  return findContainerId({
    mounts: readQuietly('/proc/self/mountinfo'),
    cgroups: readQuietly('/proc/self/cgroup'),
    hostname: hostname(),
    isContainer: existsSync('/.dockerenv') || existsSync('/run/.containerenv'),
  });
}

function readQuietly(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
