// The folder of larsen itself, whether it runs from dist/ or from the sources.

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Absolute path of the package: the nearest folder above this file that has a package.json. */
export const PACKAGE_DIR = findUp(import.meta.dirname);

function findUp(folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : findUp(dirname(folder));
}
