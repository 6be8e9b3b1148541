// A Docker daemon for one test, which may be stopped and started: beside the one that runs, in a network namespace of
// its own, so that neither touches the other's bridge. Root only; made and ended by .ci/engine.

import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { sleep } from '../core/real-clock.ts';
import { PACKAGE_DIR } from '../engine/package-dir.ts';

/** The daemon of a test. */
export interface OwnEngine extends AsyncDisposable {
  /** Runs larsen in the daemon's network; resolves to its exit status. */
  larsen(cwd: string, args: string[]): Promise<number | null>;
  /** Waits for a running container whose name begins so. */
  waitContainer(prefix: string): Promise<void>;
  /** SIGTERM, and the same command again. Larsen's process keeps the network namespace alive in between. */
  restart(): Promise<void>;
  /** Names of all containers. */
  containers(): Promise<string[]>;
}

const ENGINE = join(PACKAGE_DIR, '.ci/engine');
const BIN = join(PACKAGE_DIR, 'harness/cli/bin.mjs');
const run = promisify(execFile);

/** Starts it with copies of local images. */
export async function startOwnEngine(images: readonly string[]): Promise<OwnEngine> {
  // Short, as paths of sockets have to be; .ci/engine removes it.
  const dir = mkdtempSync('/tmp/larsen-engine.');
  const dockerd = (await run('sh', ['-c', 'command -v dockerd'])).stdout.trim();
  await run('bash', [ENGINE, 'start', dir], { env: { ...process.env, LARSEN_DOCKERD: dockerd } });
  const host = `unix://${dir}/docker.sock`;
  const env = { ...process.env, DOCKER_HOST: host };
  const read = (file: string): string => readFileSync(join(dir, file), 'utf8').trim();
  const names = async (...filter: string[]): Promise<string[]> =>
    (await run('docker', ['-H', host, 'ps', ...filter, '--format', '{{.Names}}'])).stdout.split('\n').filter(Boolean);
  let larsenPid = 0;
  await run('sh', ['-c', `docker save ${images.join(' ')} | docker -H ${host} load`]);
  return {
    larsen: (cwd, args) => {
      const child = spawn('nsenter', ['-t', read('dockerd.pid'), '-n', process.execPath, BIN, ...args], {
        cwd,
        env,
        stdio: 'ignore',
      });
      larsenPid = child.pid!;
      return new Promise((resolve) => child.once('exit', resolve));
    },
    waitContainer: async (prefix) => {
      for (let tries = 0; tries < 200; tries++) {
        if ((await names()).some((name) => name.startsWith(prefix))) return;
        await sleep(100);
      }
      throw new Error(`no container ${prefix}… came up within 20 s`);
    },
    restart: async () => {
      const pid = Number(read('dockerd.pid'));
      const [command, ...args] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').filter(Boolean);
      process.kill(pid, 'SIGTERM');
      while (isAlive(pid)) await sleep(100);
      const again = spawn('nsenter', ['-t', String(larsenPid), '-n', command!, ...args], {
        stdio: 'ignore',
        detached: true,
      });
      again.unref();
      // What .ci/engine ends at last.
      writeFileSync(join(dir, 'started.pid'), String(again.pid));
    },
    containers: () => names('-a'),
    [Symbol.asyncDispose]: async () => void (await run('bash', [ENGINE, 'stop', dir])),
  };
}

/** A zombie of ours is gone too. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
