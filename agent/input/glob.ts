// Finds files by patterns such as /var/lib/docker/containers/*/*-json.log: `*` stands for any part of one name.

import { matchesGlob } from '../codec/glob.ts';
import type { Files } from '../ports.ts';

/** All paths that match, sorted. Folders that cannot be read have none. */
export async function findPaths(pattern: string, files: Files): Promise<string[]> {
  const [, ...segments] = pattern.split('/');
  let found = [''];
  for (const [i, segment] of segments.entries()) {
    const isLast = i === segments.length - 1;
    if (!segment.includes('*') && !isLast) {
      found = found.map((folder) => `${folder}/${segment}`);
      continue;
    }
    const next: string[] = [];
    for (const folder of found)
      for (const name of await listQuietly(folder === '' ? '/' : folder, files))
        if (matchesGlob(name, segment)) next.push(`${folder}/${name}`);
    found = next;
  }
  return found.sort();
}

/** Names in a folder, none where it cannot be read. */
export async function listQuietly(folder: string, files: Files): Promise<string[]> {
  try {
    return await files.list(folder);
  } catch {
    return [];
  }
}
