import { describe, expect, test } from 'vitest';
import { driverRestart } from './driver-restart.ts';
import { createFakeWorld } from './testing/fake-world.ts';

const WINDOW = { fromNs: 1_000, toNs: 2_000 };

describe('driver-restart', () => {
  test('asks the driver once, and healing asks nothing', async () => {
    const fake = createFakeWorld();
    await driverRestart.inject(fake.world, {});
    await driverRestart.heal(fake.world, {});
    expect(fake.calls).toEqual(['driver restart']);
  });

  test.each([
    ['a restart with an app behind the driver', { state: 'restarted', loggers: [{ app: 'web' }] }, 1_500, true],
    ['a restart outside the window', { state: 'restarted', loggers: [{ app: 'web' }] }, 2_500, false],
    ['a restart that no app noticed', { state: 'restarted', loggers: [{ app: '@agent' }] }, 1_500, false],
    ['another state', { state: 'ready', loggers: [{ app: 'web' }] }, 1_500, false],
  ])('%s', async (_title, data, atNs, isProof) => {
    const fake = createFakeWorld();
    fake.add({ kind: 'process', hop: 'driver', atNs, data: { role: 'driver', name: 'docker', pid: 1, ...data } });
    expect(await driverRestart.bit(fake.history(), WINDOW)).toEqual(isProof ? ['history#1'] : []);
  });
});
