// The faults that are a rule at the recording hop: what they ask for, and which pushes prove them.

import { describe, expect, test } from 'vitest';
import type { FaultDefinition } from '../model/parts.ts';
import { sinkReset } from './sink-reset.ts';
import { sinkSilent } from './sink-silent.ts';
import { sinkSlow } from './sink-slow.ts';
import { sinkStatus } from './sink-status.ts';
import { createFakeWorld, pushEvent } from './testing/fake-world.ts';

const WINDOW = { fromNs: 1_000, toNs: 2_000 };

function parse<P>(fault: FaultDefinition<P>, raw: unknown): P {
  return typeof fault.params === 'function' ? fault.params(raw) : fault.params.parse(raw);
}

describe('rules', () => {
  test.each([
    [sinkStatus, { status: 500, body: 'resource-exhausted' }, { status: 500, body: 'resource-exhausted' }],
    [
      sinkStatus,
      { status: 429, retryAfter: '1500ms', calls: 3, share: 0.5 },
      { status: 429, retryAfter: 2, calls: 3, share: 0.5 },
    ],
    [sinkSilent, {}, { silent: true }],
    [sinkSlow, { delay: '2s' }, { delayMs: 2_000 }],
    [sinkSlow, { bytesPerSecond: 1_000 }, { bytesPerSecond: 1_000 }],
    [sinkReset, { afterBytes: 0 }, { resetAfterBytes: 0 }],
  ] as [FaultDefinition, object, object][])('$name is a rule between inject and heal', async (fault, raw, rule) => {
    const fake = createFakeWorld();
    await fault.inject(fake.world, parse(fault, raw));
    expect(fake.rules).toEqual([{ ...rule, fault: fault.name }]);
    await fault.heal(fake.world, parse(fault, raw));
    await fault.heal(fake.world, parse(fault, raw));
    expect(fake.rules).toEqual([]);
  });

  test('two of a kind are healed one by one', async () => {
    const fake = createFakeWorld();
    const [first, second] = [parse(sinkStatus, { status: 500 }), parse(sinkStatus, { status: 429 })];
    await sinkStatus.inject(fake.world, first);
    await sinkStatus.inject(fake.world, second);
    await sinkStatus.heal(fake.world, first);
    expect(fake.rules.map(({ status }) => status)).toEqual([429]);
  });

  test.each([
    [sinkStatus, { status: 99 }],
    [sinkStatus, { status: 500, latncy: '1s' }],
    [sinkStatus, { status: 500, share: 2 }],
    [sinkStatus, { status: 500, retryAfter: '10 s' }],
    [sinkSlow, {}],
    [sinkSlow, { delay: '1s', bytesPerSecond: 1 }],
    [sinkSilent, { status: 500 }],
    [sinkReset, { afterBytes: -1 }],
  ] as [FaultDefinition, object][])('$name refuses parameters it does not know', (fault, raw) => {
    expect(() => parse(fault, raw)).toThrow();
  });
});

describe('evidence', () => {
  const bite = (fault: FaultDefinition, pushes: Parameters<typeof pushEvent>[0][]) => {
    const fake = createFakeWorld();
    for (const push of pushes) fake.add(pushEvent(push));
    return fault.bit(fake.history(), WINDOW);
  };

  test('only pushes under way in the window that the rule answered are evidence', async () => {
    const refs = await bite(sinkStatus as FaultDefinition, [
      { startedNs: 100, answeredNs: 200, status: 500, fault: 'sink-status' },
      { startedNs: 1_100, answeredNs: 1_200, status: 500 },
      { startedNs: 1_100, answeredNs: 1_200, status: 204 },
      { startedNs: 1_300, answeredNs: 1_400, status: 500, fault: 'sink-status' },
      { startedNs: 1_500, answeredNs: 1_600, status: 0, fault: 'sink-status' },
      { startedNs: 2_500, answeredNs: 2_600, status: 500, fault: 'sink-status' },
    ]);
    expect(refs).toEqual(['history#4']);
  });

  test('no push, no evidence', async () => {
    for (const fault of [sinkStatus, sinkSilent, sinkSlow, sinkReset] as FaultDefinition[])
      expect(await bite(fault, [])).toEqual([]);
  });

  test('a push that is given up long after the window proves silence', async () => {
    expect(
      await bite(sinkSilent as FaultDefinition, [
        { startedNs: 1_900, answeredNs: 99_000, status: 0, fault: 'sink-silent' },
      ]),
    ).toEqual(['history#1']);
  });

  test('a push that was answered does not prove a reset', async () => {
    expect(
      await bite(sinkReset as FaultDefinition, [
        { startedNs: 1_100, answeredNs: 1_200, status: 204, fault: 'sink-reset' },
      ]),
    ).toEqual([]);
  });

  test('a push that was quick does not prove slowness', async () => {
    const quick = { startedNs: 1_100, answeredNs: 1_200, status: 204, fault: 'sink-slow' };
    expect(await bite(sinkSlow as FaultDefinition, [quick, { ...quick, answeredNs: 1_100 + 60e6 }])).toEqual([
      'history#2',
    ]);
  });
});
