// How a path is shown: as the caller would type it.

import { relative } from 'node:path';

/** The path relative to `cwd` for what lies below it, else as it is. */
export function describeFile(file: string, cwd: string = process.cwd()): string {
  const short = relative(cwd, file);
  return short !== '' && short.length < file.length && !short.startsWith('..') ? short : file;
}
