// The way of a container's output into the driver: a named pipe each for stdout and stderr, and the write ends that keep it
// open. A route exists before its process, so that preflight can send canaries down it.

import { createHash } from 'node:crypto';
import { closeSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { HarnessError } from '../../core/errors.ts';
import { createFifos, openWriteEnd, openWriteEndOnceRead } from '../shared/fifo.ts';
import type { RunSpace } from '../shared/run-space.ts';

/** One container's output route. */
export interface Route {
  name: string;
  stdout: string;
  stderr: string;
  containerId: string;
  containerName: string;
  tag: string;
}

/** The open write ends of a route. */
export interface RouteOutput {
  stdout: number;
  stderr: number;
  close(): void;
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

/** A driver may still be opening its read ends when it says that it has started; libuv's four threads may even make it wait for us. */
const READER_WITHIN_MS = 5_000;

/** As openRoute, for routes that another's driver reads. Throws E_ENGINE_DRIVER when it does not. */
export async function openRouteOnceRead(route: Route): Promise<RouteOutput> {
  try {
    const stdout = await openWriteEndOnceRead(route.stdout, READER_WITHIN_MS);
    const stderr = await openWriteEndOnceRead(route.stderr, READER_WITHIN_MS);
    return holdRoute({ stdout, stderr });
  } catch (cause) {
    throw new HarnessError(
      'E_ENGINE_DRIVER',
      `The driver did not open the pipes of app ${route.name} within ${READER_WITHIN_MS / 1_000} s: it must read \`stdout\` and \`stderr\` of each of \`apps\``,
      { cause },
    );
  }
}

/** The write ends of a route, held open so that the logger sees no end of file while a process restarts. */
export function openRoute(route: Route): RouteOutput {
  return holdRoute({ stdout: openWriteEnd(route.stdout), stderr: openWriteEnd(route.stderr) });
}

function holdRoute({ stdout, stderr }: { stdout: number; stderr: number }): RouteOutput {
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
