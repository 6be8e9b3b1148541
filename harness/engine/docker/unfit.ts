// Why a Docker engine that answers cannot carry runs here: the docker engine shares files, sockets, process ids and the
// loopback with the daemon's containers.

import { HarnessError } from '../../core/errors.ts';
import type { Runtime } from './runtime.ts';

/** The reason with its remedy, as an error to throw or to show; null when it is fit. */
export function findUnfit({
  host,
  isLocal,
  isRootless,
}: Pick<Runtime, 'host' | 'isLocal' | 'isRootless'>): HarnessError | null {
  if (!isLocal)
    return new HarnessError(
      'E_DOCKER_REMOTE',
      `The Docker engine at ${host.url} runs on another kernel: the docker engine needs one that shares this machine's files and processes (run larsen on that host)`,
    );
  if (isRootless)
    return new HarnessError(
      'E_DOCKER_ROOTLESS',
      `The Docker engine at ${host.url} is rootless: its containers have another loopback than this machine, so agent and sink cannot meet. Name one that runs as root with DOCKER_HOST, or use the process engine`,
    );
  return null;
}
