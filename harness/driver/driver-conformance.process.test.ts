// The conformance suite on the embedded driver, in its own process, behind real pipes.

import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { createPrng } from '../core/prng.ts';
import { type DriverRunOptions, driverConformance } from '../testing/driver-conformance.ts';
import type { LoggerStarted, LoggerStopped } from './part.ts';
import { prepareLogger, startDriverProcess } from './testing/driver-process.ts';
import { driverSpec } from './testing/test-logger.ts';

// The second takes another minute and differs in little: it is run for the table, not for every change.
for (const docker of process.env.LARSEN_FIDELITY_DIR ? ['20.10', '28'] : ['20.10'])
  driverConformance({ name: `embedded ${docker}`, open: (folder) => openEmbedded(folder, docker) });

async function openEmbedded(folder: string, docker: string) {
  const driver = await startDriverProcess({ forwardUrl: `unix://${join(folder, 'agent.sock')}`, logsDir: folder });
  const children: ReturnType<typeof spawn>[] = [];
  const containerId = Array.from({ length: 64 }, createPrng(1).next).map(hexDigit).join('');
  const containerName = 'conformance';
  return {
    async run({ script, options, labels = {}, env = {} }: DriverRunOptions) {
      const config = prepareLogger(folder, {
        ...{ driver: driverSpec({ docker, options }), tag: containerId.slice(0, 12), containerId, containerName },
        ...{ labels, env, linesFile: null },
      });
      const started = await driver.call<LoggerStarted>('start-logger', config);
      const fds = [openSync(config.stdout, 'r+'), openSync(config.stderr, 'r+')] as const;
      const child = started.ok
        ? spawn(process.execPath, ['-e', script], {
            stdio: ['ignore', ...fds],
            env: { ...process.env, ...env, LARSEN_FOLDER: folder },
          })
        : null;
      for (const fd of fds) closeSync(fd);
      if (child) children.push(child);
      const exited = new Promise<void>((resolve) => (child ? child.once('exit', () => resolve()) : resolve()));
      const drain = async (withinMs: number): Promise<boolean> => {
        const { timedOut } = await driver.call<LoggerStopped>('stop-logger', { app: 'web', withinMs });
        return !timedOut;
      };
      return {
        ...{ error: started.ok ? null : started.error, name: containerName, id: containerId },
        async ended(withinMs: number) {
          await exited;
          return drain(withinMs);
        },
        async stop(withinMs: number) {
          child?.kill('SIGKILL');
          await exited;
          return drain(withinMs);
        },
      };
    },
    async [Symbol.asyncDispose]() {
      for (const child of children) child.kill('SIGKILL');
      await driver.stop();
    },
  };
}

function hexDigit(fraction: number): string {
  return Math.floor(fraction * 16).toString(16);
}
