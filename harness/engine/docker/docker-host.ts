// Where the daemon is, found as the `docker` client finds it: DOCKER_HOST, then the context in use, then the usual
// sockets (system, rootless, Docker Desktop).

import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** A daemon's address and how it was found. */
export interface DockerHost {
  /** `unix:///var/run/docker.sock`, `tcp://…`, `ssh://…`. */
  url: string;
  foundBy: string;
}

/** What the search looks at; tests give their own. */
export interface HostSources {
  env: Record<string, string | undefined>;
  home: string;
  exists(path: string): boolean;
  read(path: string): string | null;
}

/** Finds the daemon's address; null when nothing points to one. */
export function findDockerHost(sources: HostSources = realSources()): DockerHost | null {
  const { env, home } = sources;
  if (env.DOCKER_HOST) return { url: env.DOCKER_HOST, foundBy: 'DOCKER_HOST' };
  const ofContext = findContext(sources);
  if (ofContext) return ofContext;
  const sockets = [
    '/var/run/docker.sock',
    ...(env.XDG_RUNTIME_DIR ? [join(env.XDG_RUNTIME_DIR, 'docker.sock')] : []),
    join(home, '.docker/run/docker.sock'),
    join(home, '.docker/desktop/docker.sock'),
  ];
  const socket = sockets.find((path) => sources.exists(path));
  return socket === undefined ? null : { url: `unix://${socket}`, foundBy: 'the usual place of its socket' };
}

function findContext({ env, home, read }: HostSources): DockerHost | null {
  const folder = env.DOCKER_CONFIG || join(home, '.docker');
  const config = parse(read(join(folder, 'config.json'))) as { currentContext?: string } | null;
  const name = env.DOCKER_CONTEXT || config?.currentContext;
  if (!name || name === 'default') return null;
  const digest = createHash('sha256').update(name).digest('hex');
  const meta = parse(read(join(folder, 'contexts/meta', digest, 'meta.json'))) as {
    Endpoints?: { docker?: { Host?: string } };
  } | null;
  const url = meta?.Endpoints?.docker?.Host;
  return url ? { url, foundBy: `the docker context ${name}` } : null;
}

function parse(text: string | null): unknown {
  try {
    return text === null ? null : JSON.parse(text);
  } catch {
    return null;
  }
}

function realSources(): HostSources {
  return {
    env: process.env,
    home: homedir(),
    exists: existsSync,
    read: (path) => (existsSync(path) ? readFileSync(path, 'utf8') : null),
  };
}
