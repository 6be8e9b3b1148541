// What the names of followed files say: which tag their lines get, and which files rotation made of another.

import type { Files } from '../ports.ts';
import { listQuietly } from './glob.ts';

/** A file that rotation may have made of another. */
export interface Sibling {
  path: string;
  identity: string;
  modifiedMs: number;
}

/** The tag of the lines of the file at `path`. */
export function tagOf(
  path: string,
  settings: { format: 'lines' | 'docker-json-file'; tag?: string | undefined },
): string {
  const [name = '', folder = ''] = path.split('/').reverse();
  const { tag = settings.format === 'lines' ? '{name}' : '{folder}' } = settings;
  // Docker's folders are named by the whole id; its tags are the first twelve digits.
  const short = /^[0-9a-f]{64}$/.test(folder) ? folder.slice(0, 12) : folder;
  return tag
    .replaceAll('{name}', name.replace(/\.[A-Za-z0-9]+$/, ''))
    .replaceAll('{folder}', short)
    .replaceAll('{path}', path);
}

/** Files named after `path` as rotation does it: app.log.1, app.log-20261124; not packed ones. */
export async function findSiblings(path: string, files: Files): Promise<Sibling[]> {
  const slash = path.lastIndexOf('/');
  const [folder, base] = [path.slice(0, slash) || '/', path.slice(slash + 1)];
  const names = (await listQuietly(folder, files)).filter(
    (name) => (name.startsWith(`${base}.`) || name.startsWith(`${base}-`)) && !/\.(gz|bz2|xz|zst|zip)$/.test(name),
  );
  const found = [];
  for (const name of names) {
    const sibling = `${folder === '/' ? '' : folder}/${name}`;
    try {
      found.push({ path: sibling, ...(await files.stat(sibling)) });
    } catch {
      // Gone between the two calls.
    }
  }
  return found;
}
