// The version of larsen, from its package.json.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PACKAGE_DIR } from '../engine/package-dir.ts';

/** `x.y.z` */
export const LARSEN_VERSION: string = (
  JSON.parse(readFileSync(join(PACKAGE_DIR, 'package.json'), 'utf8')) as { version: string }
).version;
