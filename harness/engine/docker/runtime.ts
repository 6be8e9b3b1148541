// The container runtime as the engine uses it: one connection to the daemon, every call bounded, every refusal told
// with a remedy. What is created here carries the labels of its run.

import { existsSync, readFileSync } from 'node:fs';
import { release } from 'node:os';
import Docker from 'dockerode';
import { HarnessError } from '../../core/errors.ts';
import { MADE_HERE_LABEL } from '../../core/made-here-label.ts';
import { bounded, statusOf } from './bounded.ts';
import { type DockerHost, findDockerHost } from './docker-host.ts';

/** A connection to a daemon. */
export interface Runtime {
  readonly docker: Docker;
  readonly host: DockerHost;
  /** `20.10.24`. */
  readonly version: string;
  /** Behaviour of its log drivers: `18.09`, `20.10`, `28` or `29`. */
  readonly generation: string;
  /** The daemon runs on this machine's own kernel and sees its files and processes. */
  readonly isLocal: boolean;
  /** It runs as a user of this machine, in a network of its own. */
  readonly isRootless: boolean;
}

/** Oldest API that has all that the engine uses (Docker 18.09). */
const OLDEST_API = 1.39;
const CONNECT_WITHIN_MS = 5_000;

/** Connects. Throws E_DOCKER_UNREACHABLE, E_DOCKER_PERMISSION or E_DOCKER_OLD with what to do. */
export async function openRuntime(): Promise<Runtime> {
  const host = findDockerHost();
  if (!host)
    throw new HarnessError(
      'E_DOCKER_UNREACHABLE',
      'No Docker engine was found: start one, or say where it is with DOCKER_HOST or `docker context use`',
    );
  const docker = connect(host);
  try {
    const version = await bounded('version', () => docker.version(), CONNECT_WITHIN_MS);
    const info = (await bounded('info', () => docker.info(), CONNECT_WITHIN_MS)) as {
      KernelVersion?: string;
      SecurityOptions?: string[] | null;
    };
    if (Number(version.ApiVersion) < OLDEST_API)
      throw new HarnessError(
        'E_DOCKER_OLD',
        `The Docker engine at ${host.url} is ${version.Version}: 18.09 or later is needed`,
      );
    return {
      docker,
      host,
      version: version.Version.replace(/\+.*/, ''),
      generation: generationOf(version.Version),
      isLocal: host.url.startsWith('unix://') && info.KernelVersion === release(),
      isRootless: info.SecurityOptions?.some((option) => option.includes('rootless')) ?? false,
    };
  } catch (error) {
    throw explain(error, host);
  }
}

/** Which of the emulated behaviours a daemon's log drivers have. */
export function generationOf(version: string): string {
  const major = Number.parseInt(version, 10);
  // The modules of 29 call themselves 2.
  if (major === 2 || major >= 29) return '29';
  return major < 20 ? '18.09' : major < 28 ? '20.10' : '28';
}

/** An address that dockerode's own reading of the environment does not cover is handed over. */
function connect({ url, foundBy }: DockerHost): Docker {
  if (foundBy === 'DOCKER_HOST') return new Docker();
  if (url.startsWith('unix://')) return new Docker({ socketPath: url.slice('unix://'.length) });
  const { protocol, hostname, port, username } = new URL(url);
  if (protocol === 'ssh:') return new Docker({ protocol: 'ssh', host: hostname, port: port || 22, username });
  return new Docker({ host: hostname, port: Number(port || 2375), ...readCertificates() });
}

function readCertificates(): { ca?: string; cert?: string; key?: string; protocol?: 'https' } {
  const folder = process.env.DOCKER_CERT_PATH;
  if (!folder || !existsSync(`${folder}/cert.pem`)) return {};
  const read = (name: string): string => readFileSync(`${folder}/${name}.pem`, 'utf8');
  return { ca: read('ca'), cert: read('cert'), key: read('key'), protocol: 'https' };
}

function explain(error: unknown, { url, foundBy }: DockerHost): HarnessError {
  const code = findCode(error);
  if (error instanceof HarnessError && error.code === 'E_DOCKER_OLD') return error;
  if (code === 'EACCES' || code === 'EPERM')
    return new HarnessError(
      'E_DOCKER_PERMISSION',
      `This user may not use the Docker engine at ${url}: join the group that owns the socket (often \`docker\`), or run larsen as a user that may`,
      { cause: error },
    );
  return new HarnessError(
    'E_DOCKER_UNREACHABLE',
    `The Docker engine at ${url} (found by ${foundBy}) does not answer: start it, or correct DOCKER_HOST or the context`,
    { cause: error },
  );
}

function findCode(error: unknown): string | undefined {
  const { code, cause } = error as { code?: string; cause?: unknown };
  return cause instanceof Error ? (findCode(cause) ?? code) : code;
}

/** What larsen.config names in place of a public image: by its whole name, or by that without the tag. */
export function replaceImage(images: Readonly<Record<string, string>>, name: string): string {
  return images[name] ?? images[name.replace(/:[^:/]*$/, '')] ?? name;
}

/** Whether an image is there locally. */
export async function hasImage({ docker }: Runtime, name: string): Promise<boolean> {
  try {
    await bounded(`image inspect ${name}`, () => docker.getImage(name).inspect());
    return true;
  } catch (error) {
    if (statusOf(error) === 404) return false;
    throw error;
  }
}

/** Whether a local image is one of `npm run images`, whatever its name says. */
export async function isMadeHere({ docker }: Runtime, name: string): Promise<boolean> {
  const { Config } = await bounded(`image inspect ${name}`, () => docker.getImage(name).inspect());
  return Config.Labels?.[MADE_HERE_LABEL] !== undefined;
}

const PULL_WITHIN_MS = 300_000;

/** Sees that an image is there: a local one is used as it is, a missing one is pulled. Throws E_DOCKER_IMAGE. */
export async function needImage(runtime: Runtime, name: string): Promise<void> {
  if (await hasImage(runtime, name)) return;
  try {
    await bounded(`pull ${name}`, (abortSignal) => pull(runtime.docker, name, abortSignal), PULL_WITHIN_MS);
  } catch (cause) {
    throw new HarnessError(
      'E_DOCKER_IMAGE',
      `The image ${name} is not here and cannot be pulled: make the local ones with \`npm run images\` (its Loki is grafana/loki:1.6.1), or name a mirror or another version under \`images:\` in larsen.config`,
      { cause },
    );
  }
}

async function pull(docker: Docker, name: string, abortSignal: AbortSignal): Promise<void> {
  const stream = await docker.pull(name, { abortSignal });
  await new Promise<void>((resolve, reject) =>
    docker.modem.followProgress(stream, (error) => (error ? reject(error) : resolve())),
  );
}
