// Finds Docker Compose: the plug-in of the `docker` client, else the program that `npm run images -- docker-compose`
// compiled. Tests only: who looks around by hand has the plug-in.

import { execFile, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { openCache } from '../cache.ts';

/** Runs one command of compose and resolves to its stdout. */
export type Compose = (...args: string[]) => Promise<string>;

const OUTPUT_MAX_BYTES = 16_777_216;

/** The command and its first arguments; null when there is none. */
export function findCompose(): [command: string, ...args: string[]] | null {
  if (spawnSync('docker', ['compose', 'version'], { stdio: 'ignore' }).status === 0) return ['docker', 'compose'];
  const compiled = join(openCache().binDir, 'docker-compose');
  return existsSync(compiled) ? [compiled] : null;
}

/** Compose for one file and environment. */
export function createCompose(file: string, env: Record<string, string>): Compose {
  const [command, ...first] = findCompose()!;
  return async (...args) => {
    const options = { env: { ...process.env, ...env }, maxBuffer: OUTPUT_MAX_BYTES };
    return (await promisify(execFile)(command, [...first, '-f', file, ...args], options)).stdout;
  };
}
