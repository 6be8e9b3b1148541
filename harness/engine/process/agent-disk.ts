// A disk of a set size for the agent's {data} folder: a file system in memory, mounted on it before the agent starts
// and resized while it runs. Nobody else's files can be touched by filling it, and removing the run's folder unmounts it.

import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { promisify } from 'node:util';
import { HarnessError } from '../../core/errors.ts';
import type { DiskHandle } from '../../model/parts.ts';

const run = promisify(execFile);

/** Room where a scenario sets no `topology.agent.diskMax`. */
const ROOMY_BYTES = 1_073_741_824;
/** A size of 0 would mean none at all. */
const SIZE_MIN_BYTES = 4_096;
const RESIZES_MAX = 5;
const CAP_SYS_ADMIN = 21n;

/** Why no disk can be mounted here, or null. */
export function lacksDisk(): string | null {
  const what = 'a disk of a set size for the agent is mounted as root on Linux';
  return process.platform === 'linux' && mayMount() ? null : `${what}: run it so, or use the docker engine`;
}

/** Mounts a disk on an empty folder. Throws E_ENGINE_DISK when the system refuses. */
export async function mountAgentDisk(folder: string, maxBytes: number | null): Promise<DiskHandle> {
  const size = maxBytes ?? ROOMY_BYTES;
  await mount(['-t', 'tmpfs', '-o', `size=${size},mode=0700,nosuid,nodev`, 'larsen', folder]);
  return {
    path: folder,
    async leave(bytes) {
      for (let attempt = 1; ; attempt++) {
        const { blocks, bfree, bsize } = await statfs(folder);
        const wanted = Math.max(SIZE_MIN_BYTES, (blocks - bfree) * bsize + bytes);
        try {
          return await resize(folder, Math.min(size, wanted));
        } catch (error) {
          // The agent wrote in between and holds more than this by now.
          if (attempt === RESIZES_MAX) throw error;
        }
      }
    },
    restore: () => resize(folder, size),
  };
}

function resize(folder: string, bytes: number): Promise<void> {
  return mount(['-o', `remount,size=${bytes}`, folder]);
}

async function mount(args: string[]): Promise<void> {
  try {
    await run('mount', args);
  } catch (cause) {
    const said = String((cause as { stderr?: string }).stderr ?? cause).trim();
    throw new HarnessError('E_ENGINE_DISK', `The agent's disk could not be set up: mount ${args.join(' ')}: ${said}`, {
      cause,
    });
  }
}

/** Whether this process has the right to mount, as far as the kernel says. */
function mayMount(): boolean {
  try {
    const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    return ((BigInt(`0x${effective ?? '0'}`) >> CAP_SYS_ADMIN) & 1n) === 1n;
  } catch {
    return false;
  }
}
