// A sink that was nearly saturated measured itself: above 70 % of a core while load ran, on the whole or for two seconds of
// it, the run is in doubt.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PartRegistry } from '../model/engine.ts';
import type { Event } from '../model/event.ts';
import type { RunPlan } from '../model/run.ts';
import type { RunRecord } from '../model/run-record.ts';
import { createHistory, numberEvents } from '../testing/create-history.ts';
import { collectRunFacts } from './run-facts.ts';

const SECOND_NS = 1e9;
const phase = (phase: string, second: number): Omit<Event, 'n'> => ({
  ...{ kind: 'phase', hop: 'app', atNs: second * SECOND_NS, data: { phase } },
});
const busy = (busyRatio: number, second: number): Omit<Event, 'n'> => ({
  ...{ kind: 'probe', hop: 'sink', atNs: second * SECOND_NS, data: { probe: 'sink', busyRatio, entries: 0 } },
});

async function doubtsOf(events: Omit<Event, 'n'>[]): Promise<string[]> {
  const record = {
    loadStartNs: null,
    loadEndMs: 0,
    endMs: 0,
    doubts: [],
    interrupted: false,
    wrapper: { kind: 'auto' },
  };
  const facts = await collectRunFacts({
    record: record as unknown as RunRecord,
    plan: { scenario: { faults: [] } } as unknown as RunPlan,
    history: createHistory(numberEvents(events)),
    registry: { faults: new Map() } as unknown as PartRegistry,
  });
  return facts.doubts;
}

test.each([
  ['busy for most of the load', [0.9, 0.8, 0.6], 1],
  ['busy, but below the limit', [0.7, 0.7, 0.69], 0],
  ['idle', [0.1, 0.2, 0.1], 0],
])('a sink that was %s', async (_title, ratios, doubts) => {
  const events = [phase('load', 0), ...ratios.map((ratio, index) => busy(ratio, index + 1)), phase('drain', 10)];
  const found = await doubtsOf(events);
  expect(found).toHaveLength(doubts);
  if (doubts > 0) expect(found[0]).toBe('The sink was 77 % busy: it may have slowed the pipeline by itself');
});

test('a sink that is busy only while it is read back raises no doubt', async () => {
  expect(await doubtsOf([phase('load', 0), busy(0.1, 1), phase('read-back', 2), busy(1, 3)])).toEqual([]);
});

test('a sink that was saturated for two seconds of a long load raises a doubt that says when', async () => {
  const ratios = Array.from({ length: 600 }, (_, second) => (second === 299 || second === 300 ? 0.9 : 0.05));
  const events = [phase('load', 0), ...ratios.map((ratio, index) => busy(ratio, index + 1)), phase('drain', 601)];
  expect(await doubtsOf(events)).toEqual([
    'The sink was 90 % busy from 299 to 301 s of the load: it may have slowed the pipeline by itself',
  ]);
});

test('wherever it is: a saturated stretch raises exactly one doubt, single seconds here and there raise none', async () => {
  const property = fc.asyncProperty(fc.nat(280), fc.integer({ min: 2, max: 10 }), async (from, length) => {
    const at = (second: number): number => (second >= from && second < from + length ? 0.95 : second % 2 ? 0.75 : 0);
    const events = Array.from({ length: 300 }, (_, second) => busy(at(second), second + 1));
    expect(await doubtsOf([phase('load', 0), ...events, phase('drain', 301)])).toHaveLength(1);
    const spikes = Array.from({ length: 300 }, (_, second) => busy(second % 2 ? 0.99 : 0, second + 1));
    expect(await doubtsOf([phase('load', 0), ...spikes, phase('drain', 301)])).toEqual([]);
  });
  await fc.assert(property, { numRuns: 20 });
});
