// Freezing and killing the agent: what is asked of the world, and what counts as proof.

import { describe, expect, test } from 'vitest';
import { agentFreeze } from './agent-freeze.ts';
import { agentKill } from './agent-kill.ts';
import { faults } from './registry.ts';
import { createFakeWorld } from './testing/fake-world.ts';

const WINDOW = { fromNs: 1_000, toNs: 2_000 };
const parse = (raw: unknown) =>
  (agentKill.params as { parse(raw: unknown): { signal: 'SIGKILL'; restartAfter?: number } }).parse(raw);

describe('agent-freeze', () => {
  test('only a verified freeze in the window is evidence', async () => {
    const fake = createFakeWorld();
    const frozen = { role: 'agent', pid: 1, state: 'frozen', fault: 'agent-freeze' };
    fake.add({ kind: 'process', hop: 'agent', atNs: 1_100, data: { role: 'agent', pid: 1, state: 'frozen' } });
    fake.add({ kind: 'fault-bit', hop: 'agent', atNs: 1_100, data: frozen });
    fake.add({ kind: 'fault-bit', hop: 'agent', atNs: 900, data: { ...frozen, verified: true } });
    fake.add({ kind: 'fault-bit', hop: 'agent', atNs: 1_200, data: { ...frozen, verified: true } });
    expect(await agentFreeze.bit(fake.history(), WINDOW)).toEqual(['history#4']);
  });

  test('an agent that is gone is left alone', async () => {
    const fake = createFakeWorld({ pid: null });
    await agentFreeze.inject(fake.world, {});
    await agentFreeze.heal(fake.world, {});
    expect(fake.calls).toEqual([]);
  });
});

describe('agent-kill', () => {
  test('kills at once and starts again at heal, once', async () => {
    const fake = createFakeWorld();
    const params = parse({});
    await agentKill.inject(fake.world, params);
    expect(fake.calls).toEqual(['agent SIGKILL']);
    await agentKill.heal(fake.world, params);
    await agentKill.heal(fake.world, params);
    expect(fake.calls).toEqual(['agent SIGKILL', 'agent start']);
  });

  test('with restartAfter it starts again by itself and heal only waits', async () => {
    const fake = createFakeWorld();
    const params = parse({ restartAfter: '0ms' });
    await agentKill.inject(fake.world, params);
    await agentKill.heal(fake.world, params);
    expect(fake.calls).toEqual(['agent SIGKILL', 'agent start']);
  });

  test.each([
    ['by the signal', { code: null, signal: 'SIGKILL' }, 'SIGKILL', true],
    ['by another signal', { code: null, signal: 'SIGSEGV' }, 'SIGKILL', false],
    ['by itself although SIGKILL was sent', { code: 1, signal: null }, 'SIGKILL', false],
    ['by itself after it handled SIGTERM', { code: 0, signal: null }, 'SIGTERM', true],
  ])('an exit %s', async (_title, exit, signal, isProof) => {
    const fake = createFakeWorld();
    const asked = { role: 'agent', pid: 7, state: 'killed', signal, fault: 'agent-kill' };
    fake.add({ kind: 'fault-bit', hop: 'agent', atNs: 1_100, data: asked });
    fake.add({ kind: 'process', hop: 'agent', atNs: 1_200, data: { role: 'agent', pid: 8, state: 'exited', ...exit } });
    fake.add({ kind: 'process', hop: 'agent', atNs: 1_300, data: { role: 'agent', pid: 7, state: 'exited', ...exit } });
    expect(await agentKill.bit(fake.history(), WINDOW)).toEqual(isProof ? ['history#3'] : []);
  });

  test('an exit that nobody asked for is no evidence', async () => {
    const fake = createFakeWorld();
    fake.add({
      kind: 'process',
      hop: 'agent',
      atNs: 1_200,
      data: { role: 'agent', pid: 7, state: 'exited', code: null, signal: 'SIGKILL' },
    });
    expect(await agentKill.bit(fake.history(), WINDOW)).toEqual([]);
  });

  test('refuses signals that end nothing', () => {
    expect(() => parse({ signal: 'SIGSTOP' })).toThrow();
  });
});

test('names in the registry are unique and in order', () => {
  const names = faults.map(({ name }) => name);
  expect(names).toEqual([...new Set(names)].sort());
});
