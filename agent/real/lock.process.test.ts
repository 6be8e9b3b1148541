// The lock of a folder between real processes.

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { until } from '../testing/until.ts';
import { lockFolder } from './lock.ts';

const program = fileURLToPath(new URL('../../dist/agent/main.js', import.meta.url));
const root = mkdtempSync(join(tmpdir(), 'larsen-lock-'));
const children: ChildProcess[] = [];
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(root, { recursive: true, force: true });
});

test('a folder is held once, at any depth, and free again when it is let go', async () => {
  const folder = join(root, 'x'.repeat(100), 'y'.repeat(100));
  mkdirSync(folder, { recursive: true });
  const unlock = await lockFolder(folder);
  await expect(lockFolder(folder)).rejects.toMatchObject({ code: 'ELOCKED' });
  await unlock();
  await (await lockFolder(folder))();
});

test('of many that come at once to a lock that was left behind, one gets it', async () => {
  const folder = join(root, 'left');
  mkdirSync(folder);
  for (let round = 0; round < 20; round++) {
    await leaveBehind(join(folder, `lock.${round * 100 + 100}`));
    const tries = await Promise.allSettled(Array.from({ length: 8 }, () => lockFolder(folder)));
    const held = tries.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    expect(held.length).toBe(1);
    await held[0]?.();
  }
});

test('many that take it and let it go again are never two at once, and leave one file', async () => {
  const folder = join(root, 'shared');
  mkdirSync(folder);
  let holders = 0;
  let times = 0;
  const work = async (): Promise<void> => {
    for (let turn = 0; turn < 40; turn++) {
      const unlock = await lockFolder(folder).catch(() => undefined);
      if (unlock === undefined) continue;
      expect(++holders).toBe(1);
      times++;
      await new Promise((resolve) => setImmediate(resolve));
      holders--;
      await unlock();
    }
  };
  await Promise.all(Array.from({ length: 8 }, work));
  expect(times).toBeGreaterThan(8);
  expect(readdirSync(folder)).toHaveLength(1);
});

test('a second agent on a disk buffer ends with a sentence; after a kill of the first the next one starts', async () => {
  const first = start('a');
  await until(() => first.text.includes('I_STARTED'));
  const second = start('b');
  expect(await second.exited).toBe(254);
  expect(second.text).toContain('E_BUFFER_LOCKED');
  first.child.kill('SIGKILL');
  await first.exited;
  expect(readdirSync(join(root, 'buffer', 'loki'))).toContain('lock.1');
  const third = start('c');
  await until(() => third.text.includes('I_STARTED'));
});

function start(name: string) {
  const file = join(root, `${name}.yaml`);
  writeFileSync(
    file,
    `inputs: [ { type: forward, url: "unix://${root}/${name}.sock" } ]\noutputs: [ { type: loki, url: "http://127.0.0.1:9" } ]\nbuffer: { type: disk, path: "${root}/buffer" }\n`,
  );
  const child = spawn(process.execPath, [program, '--config', file], { stdio: ['ignore', 'ignore', 'pipe'] });
  children.push(child);
  const state = { child, text: '', exited: new Promise((resolve) => child.once('exit', resolve)) };
  child.stderr.on('data', (chunk: Buffer) => {
    state.text += chunk.toString();
  });
  return state;
}

/** A socket file at which nobody listens: made in a process that is killed. */
async function leaveBehind(path: string): Promise<void> {
  rmSync(path, { force: true });
  const code = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
  await new Promise((resolve) => spawn(process.execPath, ['-e', code]).once('exit', resolve));
}
