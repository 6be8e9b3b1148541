// The agent's disk for real: filled, given back, and gone with the folder, also when only the reaper is left.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { diskFull } from '../../fault/disk-full.ts';
import { createFakeWorld } from '../../fault/testing/fake-world.ts';
import { removeFolder } from '../shared/remove-folder.ts';
import { lacksDisk, mountAgentDisk } from './agent-disk.ts';

const REAPER = new URL('../../../dist/harness/engine/shared/reaper.js', import.meta.url).pathname;
const isMounted = (path: string): boolean => readFileSync('/proc/self/mountinfo', 'utf8').includes(` ${path} `);

let root: string;
let folder: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'larsen-disk-test-'));
  folder = join(root, 'run', 'data');
  mkdirSync(folder, { recursive: true });
});

afterEach(() => removeFolder(root));

describe.runIf(lacksDisk() === null)("the agent's disk", () => {
  test('takes what was left and no more, proves it, and takes more after the heal', async () => {
    const fake = createFakeWorld();
    fake.world.agentDisk = await mountAgentDisk(folder, 4_194_304);
    writeFileSync(join(folder, 'before'), Buffer.alloc(100_000, 1));
    await diskFull.inject(fake.world, { bytes: 65_536 });
    writeFileSync(join(folder, 'fits'), Buffer.alloc(32_768, 1));
    expect(() => writeFileSync(join(folder, 'does not'), Buffer.alloc(100_000, 1))).toThrow('ENOSPC');
    await diskFull.heal(fake.world, { bytes: 65_536 });
    expect(await diskFull.bit(fake.history(), { fromNs: 1_000, toNs: 2_000 })).toHaveLength(1);
    writeFileSync(join(folder, 'after'), Buffer.alloc(1_000_000, 1));
    expect(() => writeFileSync(join(folder, 'above the ceiling'), Buffer.alloc(4_194_304, 1))).toThrow('ENOSPC');
  });

  test('is gone with the folder, also while a file in it is open', async () => {
    await mountAgentDisk(folder, null);
    expect(isMounted(folder)).toBe(true);
    const holder = spawn('sleep', ['60'], { cwd: folder, stdio: 'ignore' });
    await once(holder, 'spawn');
    removeFolder(root);
    expect(isMounted(folder)).toBe(false);
    expect(existsSync(root)).toBe(false);
    holder.kill('SIGKILL');
  });

  test('is unmounted by the reaper when the harness was killed', async () => {
    await mountAgentDisk(folder, null);
    const reaper = spawn(process.execPath, [REAPER, root], { stdio: ['pipe', 'ignore', 'inherit'] });
    reaper.stdin.end();
    await once(reaper, 'exit');
    expect(isMounted(folder)).toBe(false);
    expect(existsSync(root)).toBe(false);
  });
});
