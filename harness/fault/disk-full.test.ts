import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { diskFull } from './disk-full.ts';
import { createFakeWorld } from './testing/fake-world.ts';

const WINDOW = { fromNs: 1_000, toNs: 2_000 };
const parse = (raw: unknown) => (diskFull.params as { parse(raw: unknown): { bytes: number } }).parse(raw);

describe('disk-full', () => {
  test('takes sizes as people write them, and numbers', () => {
    expect(parse({ bytes: '64KiB' })).toEqual({ bytes: 65_536 });
    expect(parse({ bytes: 0 })).toEqual({ bytes: 0 });
    for (const bytes of ['64 K', -1, 1.5, undefined]) expect(() => parse({ bytes })).toThrow();
  });

  test('limits the disk, gives it its room back once, and a disk with room proves nothing', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'larsen-disk-test-'));
    const fake = createFakeWorld();
    const asked: string[] = [];
    fake.world.agentDisk = {
      path: folder,
      leave: async (bytes) => void asked.push(`leave ${bytes}`),
      restore: async () => void asked.push('restore'),
    };
    await diskFull.inject(fake.world, { bytes: 7 });
    await diskFull.heal(fake.world, { bytes: 7 });
    await diskFull.heal(fake.world, { bytes: 7 });
    expect(asked).toEqual(['leave 7', 'restore']);
    expect(await diskFull.bit(fake.history(), WINDOW)).toEqual([]);
    expect(await readdir(folder)).toEqual([]);
    await rm(folder, { recursive: true });
  });

  test('asks the engine where the folder is not to be seen from here', async () => {
    const fake = createFakeWorld();
    let tries = 0;
    fake.world.agentDisk = {
      path: '/nowhere',
      leave: async () => undefined,
      restore: async () => undefined,
      tryWrite: async () => (++tries < 2 ? null : 'ENOSPC'),
    };
    await diskFull.inject(fake.world, { bytes: 7 });
    await diskFull.heal(fake.world, { bytes: 7 });
    expect(fake.events.map(({ data }) => data?.error)).toEqual(['ENOSPC']);
  });

  test('a world without a disk refuses', async () => {
    await expect(diskFull.inject(createFakeWorld().world, { bytes: 0 })).rejects.toThrow('no disk for the agent');
  });

  test('only a write that failed with ENOSPC in the window is evidence', async () => {
    const fake = createFakeWorld();
    const tried = (error: string, atNs: number): void =>
      fake.add({ kind: 'fault-bit', hop: 'agent', atNs, data: { fault: 'disk-full', error } });
    tried('ENOSPC', 900);
    tried('EACCES', 1_100);
    tried('ENOSPC', 1_200);
    expect(await diskFull.bit(fake.history(), WINDOW)).toEqual(['history#3']);
  });
});
