// The way of a container's output into the driver: a named pipe each for stdout and stderr, and the write ends that keep it
// open. A route exists before its process, so that preflight can send canaries down it.

import { createHash } from 'node:crypto';
import { closeSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { createFifos, openWriteEnd } from './fifo.ts';
import type { RunSpace } from './run-space.ts';

/** One container's output route. */
export interface Route {
  name: string;
  stdout: string;
  stderr: string;
  containerId: string;
  containerName: string;
  tag: string;
}

/** Makes the pipes of a container. */
export function createRoute(space: RunSpace, { name, type, run }: { name: string; type: string; run: string }): Route {
  const base = join(space.tempDir, name);
  const route: Route = {
    name,
    stdout: `${base}.out`,
    stderr: `${base}.err`,
    containerId: createHash('sha256').update(`${run}/${name}`).digest('hex'),
    containerName: `${name.replace('@', '')}-${run}`,
    tag: name === '@agent' ? `agents.${type}` : `${name}.${type}`,
  };
  createFifos([route.stdout, route.stderr]);
  return route;
}

/** The write ends of a route, held open so that the logger sees no end of file while a process restarts. */
export function openRoute(route: Route): { stdout: number; stderr: number; close(): void } {
  const stdout = openWriteEnd(route.stdout);
  const stderr = openWriteEnd(route.stderr);
  return {
    stdout,
    stderr,
    close: () => {
      closeSync(stdout);
      closeSync(stderr);
    },
  };
}

/** Writes canary lines into a route. They fit the empty 64 KiB pipe, so this never waits for the driver. */
export function writeCanaries(descriptor: number, lines: Buffer[]): void {
  for (const line of lines) writeSync(descriptor, Buffer.concat([line, Buffer.from('\n')]));
}
