// One container of a run: created with labels, started with the daemon's own words kept when it refuses, watched for
// its end, removed within a bound.

import type Docker from 'dockerode';
import { HarnessError } from '../../core/errors.ts';
import { bounded, statusOf } from './bounded.ts';
import type { Runtime } from './runtime.ts';

/** A created container. */
export interface RunContainer {
  readonly id: string;
  readonly name: string;
  /** Pid of its first process on this machine; null while it does not run. */
  pid(): number | null;
  start(): Promise<void>;
  /** Its state as the daemon tells it. */
  inspect(withinMs?: number): Promise<Docker.ContainerInspectInfo>;
  pause(): Promise<void>;
  unpause(): Promise<void>;
  kill(signal: string): Promise<void>;
  /** As `docker stop -t`; tells whether the daemon came back in time. */
  stop(graceSeconds: number, withinMs: number): Promise<boolean>;
  /** Resolves with the exit code when it ends, however that came about; null when the watch was given up. */
  ended(): Promise<number | null>;
  /** SIGKILL and removal; tells whether the daemon came back in time. */
  remove(withinMs?: number): Promise<boolean>;
  readonly handle: Docker.Container;
}

const REMOVE_WITHIN_MS = 6_000;

/** Creates a container. Throws E_DOCKER_CONTAINER when the daemon refuses it. */
export async function createContainer(
  { docker }: Runtime,
  options: Docker.ContainerCreateOptions & { name: string },
): Promise<RunContainer> {
  const { name } = options;
  const handle = await bounded(`create ${name}`, (abortSignal) =>
    docker.createContainer({ ...options, abortSignal }),
  ).catch((cause: unknown) => {
    throw refused(name, cause);
  });
  let pid: number | null = null;
  let ending: Promise<number | null> = Promise.resolve(null);
  const watch = new AbortController();
  const inspect = (withinMs?: number): Promise<Docker.ContainerInspectInfo> =>
    bounded(`inspect ${name}`, (abortSignal) => handle.inspect({ abortSignal }), withinMs);
  return {
    id: handle.id,
    name,
    handle,
    pid: () => pid,
    async start() {
      await bounded(`start ${name}`, (abortSignal) => handle.start({ abortSignal })).catch((cause: unknown) => {
        throw refused(name, cause);
      });
      const { State } = await inspect();
      pid = State.Pid > 0 ? State.Pid : null;
      ending = waitEnd(handle, watch.signal);
      void ending.then(() => {
        pid = null;
      });
    },
    inspect,
    pause: () => bounded(`pause ${name}`, (abortSignal) => handle.pause({ abortSignal })) as Promise<void>,
    unpause: () => bounded(`unpause ${name}`, (abortSignal) => handle.unpause({ abortSignal })) as Promise<void>,
    kill: (signal) =>
      bounded(`kill ${name}`, (abortSignal) => handle.kill({ signal, abortSignal })).catch(ignoreGone) as Promise<void>,
    stop: (graceSeconds, withinMs) =>
      bounded(`stop ${name}`, (abortSignal) => handle.stop({ t: graceSeconds, abortSignal }), withinMs).then(
        () => true,
        (error) => statusOf(error) === 304 || statusOf(error) === 404,
      ),
    ended: () => ending,
    remove: async (withinMs = REMOVE_WITHIN_MS) => {
      try {
        await bounded(`rm ${name}`, (abortSignal) => handle.remove({ force: true, v: true, abortSignal }), withinMs);
        return true;
      } catch (error) {
        return statusOf(error) === 404;
      } finally {
        watch.abort();
      }
    },
  };
}

/** Follows the daemon's word of the container's end; it has no bound but the container's life. */
async function waitEnd(handle: Docker.Container, abortSignal: AbortSignal): Promise<number | null> {
  try {
    const { StatusCode } = (await handle.wait({ abortSignal })) as { StatusCode: number };
    return StatusCode;
  } catch {
    return null;
  }
}

/** 404: it is gone. 409: it does not run. Both are what was wanted. */
function ignoreGone(error: unknown): void {
  const status = statusOf(error);
  if (status !== 404 && status !== 409) throw error;
}

function refused(name: string, cause: unknown): HarnessError {
  const text = cause instanceof Error ? cause.message : String(cause);
  if (/logging driver|log opt|log-opt/.test(text))
    return new HarnessError('E_ENGINE_DRIVER', `Container ${name} would not start behind this driver: ${text}`, {
      cause,
    });
  const remedy = /port is already allocated|address already in use/.test(text)
    ? 'a port is taken: end what listens there'
    : /no space left/.test(text)
      ? 'the disk of the engine is full: make room (`docker system df`)'
      : 'see what the engine said';
  return new HarnessError('E_DOCKER_CONTAINER', `Container ${name} could not be started: ${remedy}. ${text}`, {
    cause,
  });
}
