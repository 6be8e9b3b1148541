// The same faults on a real process: the kernel's word is the evidence.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import { agentFreeze } from './agent-freeze.ts';
import { agentKill } from './agent-kill.ts';
import { agentSlow } from './agent-slow.ts';
import { readProcessState } from './process-state.ts';
import { createFakeWorld, type FakeWorld } from './testing/fake-world.ts';

const WINDOW = { fromNs: 1_000, toNs: 2_000 };
let child: ChildProcess;

/** An agent that is a group of two processes. */
async function startAgent(): Promise<FakeWorld> {
  child = spawn('sh', ['-c', 'sleep 60 & echo up; wait'], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
  await once(child.stdout!, 'data');
  const fake = createFakeWorld({
    pid: child.pid!,
    onSignal: (name) => process.kill(-child.pid!, name as NodeJS.Signals),
  });
  child.once('exit', (code, signal) => {
    fake.add({
      kind: 'process',
      hop: 'agent',
      atNs: 1_600,
      data: { role: 'agent', pid: child.pid, state: 'exited', code, signal },
    });
  });
  return fake;
}

afterEach(() => {
  try {
    process.kill(-child.pid!, 'SIGKILL');
  } catch {
    // It is gone already.
  }
});

test.runIf(process.platform === 'linux')('a freeze stops the whole group and is proven by the kernel', async () => {
  const fake = await startAgent();
  await agentFreeze.inject(fake.world, {});
  expect(readProcessState(child.pid!)?.state).toBe('T');
  expect(await agentFreeze.bit(fake.history(), WINDOW)).toHaveLength(1);
  await agentFreeze.heal(fake.world, {});
  expect(readProcessState(child.pid!)?.state).not.toBe('T');
});

test('a process that the kernel does not list as stopped is not frozen', async () => {
  const fake = createFakeWorld({ pid: process.pid });
  await agentFreeze.inject(fake.world, {});
  expect(fake.calls).toEqual(['agent SIGSTOP']);
  expect(await agentFreeze.bit(fake.history(), WINDOW)).toEqual([]);
});

test('a kill is proven by the exit', async () => {
  const fake = await startAgent();
  const exited = once(child, 'exit');
  await agentKill.inject(fake.world, { signal: 'SIGKILL' });
  await exited;
  expect(await agentKill.bit(fake.history(), WINDOW)).toHaveLength(1);
});

test.runIf(process.platform === 'linux')(
  'a slow agent runs for its share of the time and runs on after it',
  async () => {
    const fake = await startAgent();
    await agentSlow.inject(fake.world, { cpuShare: 0.2 });
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    await agentSlow.heal(fake.world, { cpuShare: 0.2 });
    expect(await agentSlow.bit(fake.history(), WINDOW)).toHaveLength(1);
    expect(readProcessState(child.pid!)?.state).not.toBe('T');
  },
);

test.runIf(process.platform === 'linux')(
  'an agent that is slowed and then frozen stays frozen until that is healed, and is slow again after it',
  async () => {
    const fake = await startAgent();
    const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
    await agentSlow.inject(fake.world, { cpuShare: 0.5 });
    await pause(150);
    await agentFreeze.inject(fake.world, {});
    const states = new Set<string | undefined>();
    for (let look = 0; look < 40; look++) {
      await pause(10);
      states.add(readProcessState(child.pid!)?.state);
    }
    expect([...states]).toEqual(['T']);
    await agentFreeze.heal(fake.world, {});
    expect(readProcessState(child.pid!)?.state).not.toBe('T');
    await pause(400);
    await agentSlow.heal(fake.world, { cpuShare: 0.5 });
    expect(readProcessState(child.pid!)?.state).not.toBe('T');
    expect(await agentSlow.bit(fake.history(), WINDOW)).toHaveLength(1);
    expect(await agentFreeze.bit(fake.history(), WINDOW)).toHaveLength(1);
  },
);

test.runIf(process.platform === 'linux')('of two freezes the last to heal thaws the agent', async () => {
  const fake = await startAgent();
  await agentFreeze.inject(fake.world, {});
  await agentFreeze.inject(fake.world, {});
  await agentFreeze.heal(fake.world, {});
  expect(readProcessState(child.pid!)?.state).toBe('T');
  await agentFreeze.heal(fake.world, {});
  expect(readProcessState(child.pid!)?.state).not.toBe('T');
});
