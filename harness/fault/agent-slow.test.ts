import { describe, expect, test } from 'vitest';
import { agentSlow } from './agent-slow.ts';
import { createFakeWorld } from './testing/fake-world.ts';

const WINDOW = { fromNs: 1_000, toNs: 2_000 };
const FACTS = { fault: 'agent-slow', mark: 'duty-cycle', cpuShare: 0.2, confirmedStops: 40, stops: 40, ranShare: 0.22 };

describe('agent-slow', () => {
  test.each([
    ['stops that were confirmed and a share that was kept', {}, true],
    ['stops that no one saw', { confirmedStops: 0 }, false],
    ['an agent that ran most of the time', { ranShare: 0.6 }, false],
    ['the facts of another fault', { fault: 'agent-freeze' }, false],
  ])('%s', async (_title, over, isProof) => {
    const fake = createFakeWorld();
    fake.add({ kind: 'fault-bit', hop: 'agent', atNs: 1_500, data: { ...FACTS, ...over } });
    expect(await agentSlow.bit(fake.history(), WINDOW)).toEqual(isProof ? ['history#1'] : []);
  });

  test.each([
    [3, true],
    [0, false],
  ])('a limit by the engine that held it back in %d periods', async (throttledPeriods, isProof) => {
    const fake = createFakeWorld();
    const shares: number[] = [];
    fake.world.agent.limitCpu = async (share) => {
      shares.push(share);
      return async () => ({ periods: 40, throttledPeriods });
    };
    await agentSlow.inject(fake.world, { cpuShare: 0.1 });
    await agentSlow.heal(fake.world, { cpuShare: 0.1 });
    await agentSlow.heal(fake.world, { cpuShare: 0.1 });
    expect(shares).toEqual([0.1]);
    const [mark] = fake.events;
    expect(mark!.data).toMatchObject({ mark: 'cpu-limit', throttledPeriods });
    const window = { fromNs: mark!.atNs, toNs: mark!.atNs };
    expect(await agentSlow.bit(fake.history(), window)).toHaveLength(isProof ? 1 : 0);
  });

  test('an agent that is gone, or a pid that leads no group, is left alone and proves nothing', async () => {
    for (const pid of [null, 4_000_000]) {
      const fake = createFakeWorld({ pid });
      await agentSlow.inject(fake.world, { cpuShare: 0.5 });
      await agentSlow.heal(fake.world, { cpuShare: 0.5 });
      expect(fake.calls).toEqual([]);
      expect(fake.events[0]!.data).toMatchObject({ stops: 0, confirmedStops: 0, ranShare: 1 });
      expect(await agentSlow.bit(fake.history(), WINDOW)).toEqual([]);
    }
  });

  test.each([0, 1, 2])('refuses a share of %d', (cpuShare) => {
    expect(() => (agentSlow.params as { parse(raw: unknown): unknown }).parse({ cpuShare })).toThrow();
  });
});
