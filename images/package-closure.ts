// Which npm packages a part of larsen needs to run: those that its built files import, with their dependencies, as
// they lie in node_modules. So an image holds what its programs use and nothing of the tests or other parts.

import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';

const IMPORT = /(?:from|import)\s*\(?\s*['"]([^'"./][^'"]*)['"]/g;

/** Names of the packages imported by the .js files below `folders`, sorted. */
export function findImports(folders: readonly string[]): string[] {
  const names = new Set<string>();
  for (const folder of folders)
    for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.js') || /(^|\/)testing\//.test(file)) continue;
      for (const [, specifier] of readFileSync(join(folder, file), 'utf8').matchAll(IMPORT))
        if (!isBuiltin(specifier!)) names.add(specifier!.split('/', specifier!.startsWith('@') ? 2 : 1).join('/'));
    }
  return [...names].sort();
}

/** Folders of the packages and all they depend on, below `packageDir`, relative to it. Absent optional ones are left out. */
export function findPackageFolders(packageDir: string, names: readonly string[]): string[] {
  const found = new Set<string>();
  const visit = (name: string, from: string): void => {
    const folder = resolvePackage(packageDir, name, from);
    if (folder === undefined || found.has(folder)) return;
    found.add(folder);
    const text = readFileSync(join(packageDir, folder, 'package.json'), 'utf8');
    const { dependencies = {}, optionalDependencies = {} } = JSON.parse(text) as Record<string, object>;
    for (const next of Object.keys({ ...dependencies, ...optionalDependencies })) visit(next, folder);
  };
  for (const name of names) visit(name, '');
  return [...found].sort();
}

/** Copies package folders to the same places below `target`. */
export function copyPackages(packageDir: string, folders: readonly string[], target: string): void {
  for (const folder of folders) {
    // A nested node_modules is copied by its own entry, where it is needed.
    const isWanted = (path: string): boolean => !path.slice(join(packageDir, folder).length).includes('/node_modules');
    cpSync(join(packageDir, folder), join(target, folder), { recursive: true, filter: isWanted });
  }
}

function resolvePackage(packageDir: string, name: string, from: string): string | undefined {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules')))) {
    const folder = join(at, 'node_modules', name);
    if (existsSync(join(packageDir, folder, 'package.json'))) return folder;
    if (at === '') return undefined;
  }
}
