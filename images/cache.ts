// The cache of compiled programs and saved images: one folder or file per content hash, so that what is there is
// right, and an interrupted build leaves nothing behind that looks finished.
//
//   <cache>/programs/<name>-<hash>/<files>     <cache>/bin/<file> → the newest       <cache>/images/<name>-<hash>.tar

import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';

const HASH_CHARS = 16;

/** Where things made earlier lie. */
export interface Cache {
  readonly dir: string;
  readonly binDir: string;
  programDir(name: string, hash: string): string;
  archivePath(name: string, hash: string): string;
  /** An empty folder beside the rest, to be renamed into place. */
  workDir(name: string): string;
  /** Puts a finished folder or file in its place. */
  keep(from: string, to: string): void;
}

/** Where the cache is: `LARSEN_CACHE_DIR`, or larsen's folder in the user's cache. */
export function cacheDir(): string {
  const { LARSEN_CACHE_DIR, XDG_CACHE_HOME } = process.env;
  return LARSEN_CACHE_DIR ?? join(XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'larsen');
}

/** Opens the cache, and makes its folders. */
export function openCache(dir = cacheDir()): Cache {
  const binDir = join(dir, 'bin');
  for (const folder of ['programs', 'bin', 'images', 'work']) mkdirSync(join(dir, folder), { recursive: true });
  return {
    ...{ dir, binDir },
    programDir: (name, hash) => join(dir, 'programs', `${name}-${hash}`),
    archivePath: (name, hash) => join(dir, 'images', `${name}-${hash}.tar`),
    workDir: (name) => mkdtempSync(join(dir, 'work', `${name}-`)),
    keep(from, to) {
      rmSync(to, { recursive: true, force: true });
      renameSync(from, to);
    },
  };
}

/** Links each file of a program into the folder of programs, over an older one. */
export function linkPrograms({ binDir }: Cache, programDir: string): void {
  for (const file of readdirSync(programDir)) {
    const link = join(binDir, file);
    rmSync(link, { force: true });
    symlinkSync(join(programDir, file), link);
  }
}

/** Hash over texts, each apart from its neighbour. */
export function hashTexts(texts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const text of texts) hash.update(`${Buffer.byteLength(text)}\n`).update(text);
  return hash.digest('hex').slice(0, HASH_CHARS);
}

/** One text that changes with any file below `path`, names and content; symbolic links are not followed. */
export function hashTree(path: string): string {
  if (!existsSync(path)) return `${basename(path)} is not there`;
  if (statSync(path).isFile()) return hashTexts([readFileSync(path, 'latin1')]);
  const files = readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((entry) => join(entry.parentPath, entry.name)).sort();
  return hashTexts(paths.flatMap((file) => [file.slice(path.length), readFileSync(file, 'latin1')]));
}
