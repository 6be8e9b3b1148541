// How a path is shown: as the caller would type it.

import { relative, sep } from 'node:path';

/** The path relative to `cwd` where that is shorter and at most one folder up, else as it is. */
export function describeFile(file: string, cwd: string = process.cwd()): string {
  const short = relative(cwd, file);
  return short !== '' && short.length < file.length && !short.startsWith(`..${sep}..`) ? short : file;
}
