// The folder of larsen itself, whether it runs from dist/ or from the sources, and its version.

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Absolute path of the package: the nearest folder above this file that has a package.json. */
export const PACKAGE_DIR = findUp(import.meta.dirname);

/** `x.y.z`, from its package.json. */
export const LARSEN_VERSION: string = (
  JSON.parse(readFileSync(join(PACKAGE_DIR, 'package.json'), 'utf8')) as { version: string }
).version;

function findUp(folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : findUp(dirname(folder));
}
