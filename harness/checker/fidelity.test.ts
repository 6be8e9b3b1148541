// Is each stored line the line that was written? Each class by a history that must be rejected with it, alone and in
// 100,000 legal events; then what is legal, and what cannot be known.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LINE_KINDS } from '../model/line-record.ts';
import { delivered, type Journey, journey } from '../testing/journey.ts';
import { fidelity } from './fidelity.ts';
import { checkHistory, type MadeRun } from './testing/check-history.ts';
import { LARGE, type LinesPlan, makeLegalLines, SMALL, sent } from './testing/legal-lines.ts';

/** Entries of journeys are dated from here on. */
const loadStartWallMs = 1.79e12;
const HOUR_MS = 3_600_000;

const check = (run: MadeRun) => checkHistory(fidelity as never, { ...run, facts: { loadStartWallMs, ...run.facts } });

/** What is planted at a line, and the finding that must come of it. */
const plants: Record<string, { found: string; plant(seq: number): Journey }> = {
  'a line cut short': { found: 'truncated@agent', plant: (seq) => sent(seq).pushed(204).stored('truncated') },
  'a line of other bytes': { found: 'rewritten@agent', plant: (seq) => sent(seq).pushed(204).stored('rewritten') },
  'a line in pieces': { found: 'split@agent', plant: (seq) => sent(seq).pushed(204).stored('split') },
  'a line in the entry of another': {
    found: 'merged@agent',
    plant: (seq) => sent(seq).pushed(204).echoed(2, { merged: true }),
  },
  'a line stored before an earlier one': {
    found: 'reordered@agent',
    plant: (seq) =>
      sent(seq)
        .pushed(204)
        .stored('exact', { timestampMs: seq - 1.5 }),
  },
  'a line of which the driver dropped a piece': {
    found: 'truncated@driver',
    plant: (seq) => journey(seq).planned().written().dropped('ring-full').pushed(204).stored('truncated'),
  },
};

describe('fidelity rejects', () => {
  it.each(Object.entries(plants))('%s, with its moment', async (_, { found, plant }) => {
    const web = [...Array.from({ length: 9 }, (_, seq) => delivered(seq)), plant(9)];
    const checked = await check({ lines: { web, other: [delivered(0)] } });
    expect(checked).toMatchObject({ verdict: 'invalid', found: [found] });
    const [finding] = checked.findings;
    expect(finding).toMatchObject({ numbers: { lines: 1 }, title: expect.stringContaining('1 line of web') });
    if (finding!.class !== 'reordered') expect(finding).toMatchObject({ fromMs: 9, toMs: 9 });
  });

  it('more of a class than the scenario allows, and no fewer', async () => {
    const web = [delivered(0), plants['a line cut short']!.plant(1), plants['a line cut short']!.plant(2)];
    expect((await check({ lines: { web }, params: { truncatedMax: 2 } })).verdict).toBe('valid');
    expect((await check({ lines: { web }, params: { truncatedMax: 1 } })).found).toEqual(['truncated@agent']);
  });

  it('a line once for each form, however many copies of it are stored', async () => {
    const web = [delivered(0), sent(1).pushed(204).stored('truncated').stored('truncated').stored('split')];
    const { found, numbers } = await check({ lines: { web } });
    expect(found).toEqual(['truncated@agent', 'split@agent']);
    expect(numbers).toMatchObject({ truncatedLines: 1, splitLines: 1, rewrittenLines: 0, mergedLines: 0 });
  });

  it('what a relay behind the agent may have done, as a range', async () => {
    const web = [delivered(0), plants['a line cut short']!.plant(1)];
    const relay = { at: 'agent..sink', type: 'gateway', with: {} };
    const plan = (made: { scenario: { topology: { relays: unknown[] } } }): void =>
      void made.scenario.topology.relays.push(relay);
    expect((await check({ lines: { web }, plan })).found).toEqual(['truncated@agent..relay']);
  });
});

describe('of lines in a wrong time zone, fidelity', () => {
  const zone = (hours: number): Journey[] =>
    Array.from({ length: 20 }, (_, seq) =>
      sent(seq)
        .pushed(204)
        .stored('exact', { timestampMs: seq + hours * HOUR_MS }),
    );

  it.each([
    [-5, 'stored 5.0 h before they were written'],
    [-0.25, '15.0 min before'],
    [2, '2.0 h after'],
    [13, '13.0 h after'],
  ])('tells %d hours for all of them, by how much', async (hours, told) => {
    const { found, findings } = await check({ lines: { web: zone(hours) } });
    expect(found).toEqual(['misdated@agent']);
    expect(findings[0]).toMatchObject({ numbers: { lines: 20 }, title: expect.stringContaining(told) });
  });

  it.each<[string, MadeRun]>([
    [
      'of entries that are a driver’s whole second old',
      { lines: { web: [sent(900).pushed(204).stored('exact', { timestampMs: 0 })] } },
    ],
    [
      'of an agent that gives them its own time, late',
      { lines: { web: [sent(0).pushed(204).stored('exact', { timestampMs: 20_000 })] } },
    ],
    ['of as many as are allowed', { lines: { web: zone(3) }, params: { misdatedMax: 20 } }],
    ['of a clock as far off as is allowed', { lines: { web: zone(-1) }, params: { clockOffMax: '61m' } }],
    [
      'of a sink that keeps no times',
      { lines: { web: [sent(0).pushed(204).stored('exact', { timestampMs: -loadStartWallMs })] } },
    ],
  ])('stays clean %s', async (_, run) => {
    expect(await check(run)).toMatchObject({ verdict: 'valid', found: [] });
  });

  it('says nothing of a run in which the wall clock was not recorded', async () => {
    const run = await checkHistory(fidelity as never, { lines: { web: zone(3) } });
    expect(run).toMatchObject({ verdict: 'valid', found: [] });
    expect(run.numbers).not.toHaveProperty('misdatedLines');
  });
});

describe('fidelity stays clean', () => {
  it.each<[string, Journey[]]>([
    ['of equal timestamps', [delivered(0), sent(1).pushed(204).stored('exact', { timestampMs: 0 })]],
    ['where a line is quoted beside its own entry', [delivered(0), delivered(1).echoed(2)]],
    [
      'of writes that the clock cannot tell apart',
      [sent(0, 5).pushed(204).stored(), sent(1, 5).pushed(204).stored('exact', { timestampMs: 4 })],
    ],
    ['of lines that are lost: these are parity’s', [delivered(0), sent(1).pushed(500)]],
    [
      'of lines whose writes nobody recorded, pushed in another order than planned',
      [
        delivered(0),
        journey(1).planned().sent().pushed(204).stored('exact', { timestampMs: 9 }),
        journey(2, 3).planned().sent().pushed(204).stored('exact', { timestampMs: 8 }),
      ],
    ],
  ])('%s', async (_, web) => {
    expect(await check({ lines: { web } })).toMatchObject({ verdict: 'valid', found: [] });
  });
});

describe('fidelity is unknown', () => {
  it('after an empty run, and where nothing was stored', async () => {
    expect((await check({ lines: {} })).verdict).toBe('unknown');
    expect((await check({ lines: { web: [sent(0)] } })).verdict).toBe('unknown');
  });

  it('where nobody recorded what was written', async () => {
    const web = [delivered(0), sent(1).pushed(204).stored('unverified')];
    const { verdict, reasons } = await check({ lines: { web } });
    expect({ verdict, reasons }).toEqual({
      verdict: 'unknown',
      reasons: ['1 line of web could not be compared: nobody recorded what it wrote.'],
    });
  });

  it('where the wrapper was not learned', async () => {
    expect((await check({ lines: { web: [delivered(0)] }, facts: { lineWrapper: 'unlearnable' } })).verdict).toBe(
      'unknown',
    );
  });

  it('but what is broken beside it is found', async () => {
    const web = [sent(0).pushed(204).stored('unverified'), sent(1).pushed(204).stored('rewritten')];
    expect(await check({ lines: { web } })).toMatchObject({ verdict: 'invalid', found: ['rewritten@agent'] });
  });
});

describe('among legal lines', () => {
  const plantAt = (plan: LinesPlan, plant: (seq: number) => Journey): Journey[] => {
    const web = makeLegalLines(plan);
    const seq = 2 + Math.floor(plan.place * (plan.length - 2));
    // The one before arrives, so that there is something to be out of order with.
    web[seq - 1] = delivered(seq - 1);
    web[seq] = plant(seq);
    return web;
  };

  it.each([
    ['few', SMALL, 30],
    ['100,000 events', LARGE, 2],
  ])('of %s nothing is found', async (_, plans, numRuns) => {
    const clean = fc.asyncProperty(plans, async (plan) => {
      expect(await check({ lines: { web: makeLegalLines(plan) } })).toMatchObject({ verdict: 'valid', found: [] });
    });
    await fc.assert(clean, { numRuns });
  });

  it.each(Object.entries(plants))('%s is found at any place, and nothing else', async (_, { found, plant }) => {
    const planted = fc.asyncProperty(SMALL, async (plan) => {
      expect((await check({ lines: { web: plantAt(plan, plant) } })).found).toEqual([found]);
    });
    await fc.assert(planted, { numRuns: 15 });
    const inMany = fc.asyncProperty(LARGE, async (plan) => {
      expect((await check({ lines: { web: plantAt(plan, plant) } })).found).toEqual([found]);
    });
    await fc.assert(inMany, { numRuns: 1 });
  });

  it('a clock that jumps by two hours is found wherever it does, and nothing else', async () => {
    const jumps = (plans: fc.Arbitrary<LinesPlan>) =>
      fc.asyncProperty(plans, async (plan) => {
        const web = makeLegalLines(plan);
        const from = Math.floor(plan.place * plan.length);
        web[plan.length - 1] = delivered(plan.length - 1);
        for (const { records } of web.slice(from))
          for (const record of records) if (record.kind === LINE_KINDS.stored) record.value += 2 * HOUR_MS * 1e6;
        expect((await check({ lines: { web } })).found).toEqual(['misdated@agent']);
      });
    await fc.assert(jumps(SMALL), { numRuns: 15 });
    await fc.assert(jumps(LARGE), { numRuns: 1 });
  });
});
