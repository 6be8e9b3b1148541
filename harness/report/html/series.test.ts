import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMemoryHistory, lineRecord } from '../../testing/fixtures/memory-history.ts';
import { createSyntheticRun } from '../../testing/fixtures/report-run.ts';
import { createBins } from './bins.ts';
import { buildSeries, CONTROL } from './series.ts';

const { facts } = createSyntheticRun({ howls: false });
const START_NS = facts.loadStartNs;
const at = (ms: number): number => START_NS + ms * 1e6;
const short = { ...facts, loadEndMs: 1_500, endMs: 2_000 };

describe('bins', () => {
  it('are 250 ms for short runs, 1 s for longer ones, and never more than 1,200', () => {
    expect(createBins({ loadStartNs: 0, endMs: 30_000 })).toMatchObject({ binMs: 250, count: 120 });
    expect(createBins({ loadStartNs: 0, endMs: 76_000 })).toMatchObject({ binMs: 1_000, count: 76 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 * 3_600_000 }), (endMs) => {
        const bins = createBins({ loadStartNs: 5e9, endMs });
        expect(bins.count).toBeLessThanOrEqual(1_200);
        expect(bins.count * bins.binMs).toBeGreaterThanOrEqual(endMs);
        expect(bins.indexOf(5e9 + (endMs - 0.5) * 1e6)).toBe(Math.floor((endMs - 0.5) / bins.binMs));
        expect(bins.indexOf(5e9 - 1)).toBe(-1);
      }),
    );
  });
});

describe('the series of a run', () => {
  it('count each line once at each hop, as rates per second', async () => {
    const history = createMemoryHistory([], {
      web: [
        lineRecord('planned', 'load', { seq: 0, value: 10 }),
        lineRecord('planned', 'load', { seq: 1, value: 260 }),
        lineRecord('written', 'app', { seq: 0, atNs: at(11), value: at(12) }),
        lineRecord('driverSent', 'driver', { seq: 0, atNs: at(20) }),
        // Reported open first, then with its end: one line.
        lineRecord('written', 'app', { seq: 1, atNs: at(261), value: 0 }),
        lineRecord('written', 'app', { seq: 1, atNs: at(261), value: at(900) }),
      ],
    });
    const { lines, timesS, binMs } = await buildSeries({ facts: short, history });
    expect({ binMs, bins: timesS.length }).toEqual({ binMs: 250, bins: 8 });
    expect(lines.due).toEqual([4, 4, 0, 0, 0, 0, 0, 0]);
    expect(lines.written).toEqual([4, 4, 0, 0, 0, 0, 0, 0]);
    expect(lines.sent).toEqual([4, 0, 0, 0, 0, 0, 0, 0]);
  });

  it('show a long write growing, and one that never returned to the end of the run', async () => {
    const history = createMemoryHistory([], {
      web: [
        lineRecord('written', 'app', { seq: 0, atNs: at(100), value: 0 }),
        lineRecord('written', 'app', { seq: 0, atNs: at(100), value: at(600) }),
        lineRecord('written', 'app', { seq: 1, atNs: at(1_600), value: 0 }),
      ],
    });
    const { writes } = await buildSeries({ facts: short, history });
    expect(writes).toEqual([{ name: 'web', maxMs: [150, 400, 500, null, null, null, 150, 400] }]);
  });

  it('take what the driver sent from its flow events where no record tells, and not the agent’s own output', async () => {
    const history = createMemoryHistory(
      [
        { atNs: at(300), kind: 'driver-sent', hop: 'driver', app: 'web', data: { lines: 50, bytes: 1 } },
        { atNs: at(300), kind: 'driver-sent', hop: 'agent', data: { lines: 7, bytes: 1 } },
      ],
      {},
    );
    expect((await buildSeries({ facts: short, history })).lines.sent[1]).toBe(200);
  });

  it('split pushes by their answer, at the hop next to the sink', async () => {
    const push = (hop: 'relay' | 'sink', ms: number, status: number) => ({
      atNs: at(ms),
      kind: 'push' as const,
      hop,
      data: {
        status,
        startedNs: at(ms - 10),
        answeredNs: at(ms),
        decodedBytes: 1_000 + status,
        appEntries: 25,
        format: 'json',
      },
    });
    const history = createMemoryHistory(
      [push('relay', 20, 204), push('sink', 30, 204), push('sink', 300, 500), push('sink', 400, 0)],
      {},
    );
    const series = await buildSeries({ facts: short, history });
    expect(series.lines.accepted.slice(0, 2)).toEqual([100, 0]);
    expect(series.lines.refused.slice(0, 2)).toEqual([0, 200]);
    expect(series.pushes.map(({ status }) => status)).toEqual([204, 500, 0]);
    expect(series.jsonPushes).toBe(true);
  });

  it('keep the largest and the refused pushes where there are too many', async () => {
    const pushes = Array.from({ length: 5_000 }, (_, index) => ({
      atNs: at(1),
      kind: 'push' as const,
      hop: 'sink' as const,
      data: { status: index === 0 ? 500 : 204, startedNs: at(0), answeredNs: at(1), decodedBytes: index },
    }));
    const series = await buildSeries({ facts: short, history: createMemoryHistory(pushes, {}) });
    expect(series.pushes).toHaveLength(2_000);
    expect(series.pushesLeftOut).toBe(3_000);
    expect(series.pushes.some(({ status }) => status === 500)).toBe(true);
    expect(series.pushes.some(({ decodedBytes }) => decodedBytes === 4_999)).toBe(true);
  });

  it('add up the memory of the agent’s processes and leave out everyone else’s', async () => {
    const usage = (role: string, name: string, rssBytes: number) => ({
      atNs: at(10),
      kind: 'probe' as const,
      hop: 'agent' as const,
      data: { probe: 'usage', role, name, cpuMs: 1, rssBytes },
    });
    const history = createMemoryHistory(
      [usage('agent', 'a', 100), usage('agent', 'a', 300), usage('agent', 'b', 50), usage('sink', 's', 9_000)],
      {},
    );
    expect((await buildSeries({ facts: short, history })).memory.slice(0, 2)).toEqual([350, null]);
  });

  it('survive events without their data', async () => {
    const kinds = ['push', 'probe', 'agent-own', 'driver-sent'] as const;
    const history = createMemoryHistory(
      kinds.map((kind) => ({ atNs: at(1), kind, hop: 'sink' as const })),
      {},
    );
    expect((await buildSeries({ facts: short, history })).own.stdout[0]).toBe(0);
  });

  it('tell the whole story of a howl', async () => {
    const { history, facts: howlFacts } = createSyntheticRun({ howls: true });
    let seen = 0;
    const series = await buildSeries({ facts: howlFacts, history, onEvent: () => seen++ });
    expect(seen).toBeGreaterThan(200);
    // 1,000 of web and one of its quiet neighbour.
    expect(series.lines.due[20]).toBe(1_001);
    expect(series.lines.written[50]).toBe(1);
    expect(Math.max(...(series.own.reentered as number[]))).toBeGreaterThan(1e7);
    expect(series.writes.map(({ name }) => name)).toEqual(['web', 'quiet', CONTROL]);
    expect(series.writes[0]!.maxMs[71]).toBeCloseTo(38_800, -2);
  });
});
