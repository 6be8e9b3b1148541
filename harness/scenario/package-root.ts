// Where larsen itself lies: the folder that holds scenarios/, docs/ and package.json, from source and dist alike.

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HarnessError } from '../core/errors.ts';

/** Absolute path of the package's folder. Throws E_PACKAGE_INCOMPLETE when the package.json is gone. */
export function findPackageRoot(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); folder !== dirname(folder); folder = dirname(folder)) {
    const file = join(folder, 'package.json');
    if (existsSync(file) && (JSON.parse(readFileSync(file, 'utf8')) as { name?: string }).name === 'larsen')
      return folder;
  }
  throw new HarnessError('E_PACKAGE_INCOMPLETE', 'The package.json of larsen is missing. Install larsen again.');
}

/** The version in package.json. */
export function readVersion(): string {
  return (JSON.parse(readFileSync(join(findPackageRoot(), 'package.json'), 'utf8')) as { version: string }).version;
}
