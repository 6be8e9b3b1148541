// The folder of the larsen package, whether this runs from dist/ or from its sources.

import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Absolute path of the folder with package.json. */
export const PACKAGE_DIR: string = ['..', '../..']
  .map((up) => join(import.meta.dirname, up))
  .find((folder) => existsSync(join(folder, 'package.json')))!;
