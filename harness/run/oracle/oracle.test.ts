// What is run to verify the oracle, how two cores are shared, and what the matrix says of the results.

import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { loadRegistry } from '../../engine/built-ins.ts';
import type { Control, Scenario } from '../../model/scenario.ts';
import { createCatalogue } from '../../scenario/catalogue.ts';
import { loadScenarios } from '../load-scenarios.ts';
import { appendCell, type Cell, type CellJob, keyOf, readCells, writeCells } from './cells.ts';
import { CLEAN_AGENTS, listAllJobs, listHomeJobs, shareOf } from './control-jobs.ts';
import { gradeControl, renderMatrix } from './matrix.ts';
import { shareCores } from './share-cores.ts';
import { TimeLeft } from './time-left.ts';

const control = (agent: string, ...finds: string[]): Control => ({ agent, with: {}, finds });

function scenario(id: string, controls: Control[], perSecond = 100): Scenario {
  const load = {
    to: 'a',
    kind: 'lines',
    path: '/',
    untilMs: 1_000,
    rate: [{ atMs: 0, perSecond, ramp: 'none' }],
    sizesBytes: [],
  };
  return { id, controls, load: [load], expect: {} } as unknown as Scenario;
}

const cell = (over: Partial<Cell>): Cell => ({
  ...{ key: 'k', scenario: 'loss/x', agent: 'agents/rogue', isVariant: false, doubt: null, profile: 'quick', seed: 1 },
  ...{ expected: ['parity/lost'], found: ['parity/lost'], commit: 'abc1234', date: '2026-01-02', tookMs: 1_000 },
  ...over,
});

const names = (jobs: { scenario: Scenario; control: Control }[]): string[] =>
  jobs.map((job) => `${job.scenario.id} ${job.control.agent} ${job.control.finds.join()}`);

describe('jobs', () => {
  const one = scenario('a/one', [control('good'), control('rogue', 'parity/lost')]);
  const two = scenario('a/two', [control('good'), control('rogue', 'parity/lost'), control('good', 'parity/lost')]);

  it('at home: a planted defect in the first scenario that names it, a clean agent in the last', () => {
    expect(names(listHomeJobs([one, two]))).toEqual([
      'a/one rogue parity/lost',
      'a/two good ',
      'a/two good parity/lost',
    ]);
  });

  it('in full: every control, and the clean agents in every scenario', () => {
    const all = names(listAllJobs([one, two]));
    for (const agent of CLEAN_AGENTS) expect(all).toContain(`a/one ${agent} `);
    expect(all).toContain('a/two rogue parity/lost');
    expect(all).toHaveLength(2 + 3 + 2 * CLEAN_AGENTS.length);
  });

  it('need more of the machine the more they load it, and all of it with a load of their own', () => {
    const [job] = listHomeJobs([one]);
    const busier = { ...job!, scenario: scenario('a/three', [], 1_000) };
    expect(3 * shareOf(job!)).toBeLessThan(1);
    expect(shareOf(busier)).toBeGreaterThan(shareOf(job!));
    expect(shareOf({ ...job!, scenario: scenario('a/four', [], 100_000) })).toBe(1);
    expect(shareOf({ ...job!, control: { ...job!.control, with: { load: [] } } })).toBe(1);
  });
});

test('scenarios are loaded in a profile, and as they are where they lack it', async () => {
  const registry = await loadRegistry([]);
  const catalogue = createCatalogue();
  const loaded = loadScenarios({ catalogue, registry, profile: 'quick' });
  expect(loaded.map(({ scenario }) => scenario.id)).toEqual(catalogue.scenarios().map(({ id }) => id));
  const profileOf = (id: string): unknown => loaded.find(({ scenario }) => scenario.id === id)?.profile;
  expect(profileOf('spike/viral-video')).toBe('quick');
  expect(profileOf('regressions/founding-outage')).toBe('full');
});

describe('sharing cores', () => {
  const share = fc.double({ min: 0.05, max: 1.5, noNaN: true });

  it('never gives away more than the whole machine, runs every job once, and keeps the order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(share, { maxLength: 12 }), async (shares) => {
        let taken = 0;
        const outcomes = await shareCores(
          shares.map((share, index) => ({ share, index })),
          {
            shareOf: ({ share }) => share,
            run: async ({ share, index }) => {
              taken += Math.min(1, share);
              expect(taken).toBeLessThan(1.001);
              await new Promise((resolve) => setImmediate(resolve));
              taken -= Math.min(1, share);
              return index;
            },
          },
        );
        expect(outcomes).toEqual(shares.map((_, index) => index));
      }),
    );
  });

  it('begins nothing more once it is over, and waits for what runs', async () => {
    let begun = 0;
    const outcomes = await shareCores([1, 1, 1], {
      shareOf: (job) => job,
      run: async () => ++begun,
      isOver: () => begun === 2,
    });
    expect(outcomes).toEqual([1, 2, undefined]);
  });

  it('ends with the first error', async () => {
    const run = (): Promise<never> => Promise.reject(new Error('broke'));
    await expect(shareCores([1], { shareOf: () => 1, run })).rejects.toThrow('broke');
  });
});

describe('cells', () => {
  const job = (over: Partial<CellJob> = {}): CellJob => ({
    ...{ scenario: scenario('a/one', []), control: control('rogue', 'parity/lost'), profile: 'quick', seed: 11 },
    ...over,
  });

  it('have a key of their own for whatever they are made from, and not for the other controls beside them', () => {
    const others = [
      job({ seed: 12 }),
      job({ profile: 'full' }),
      job({ control: control('rogue') }),
      job({ scenario: scenario('a/one', [], 101) }),
    ];
    const keys = [job(), ...others].map(keyOf);
    expect(new Set(keys).size).toBe(keys.length);
    expect(keyOf(job({ scenario: scenario('a/one', [control('more')]) }))).toBe(keyOf(job()));
  });

  it('are read again from their file: the last of a key, and none from a line that was cut short', () => {
    const folder = mkdtempSync(join(tmpdir(), 'cells-'));
    try {
      const file = join(folder, 'deep/cells.jsonl');
      expect(readCells(file).size).toBe(0);
      writeCells(file, [cell({ key: 'a' }), cell({ key: 'b' })]);
      appendCell(file, cell({ key: 'a', found: [] }));
      appendFileSync(file, '{"key":"c","scen');
      const cells = readCells(file);
      expect([...cells.keys()]).toEqual(['a', 'b']);
      expect(cells.get('a')?.found).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

test('the time left is learned from the runs that ended, by their share of the machine', () => {
  const job: CellJob = { ...{ scenario: scenario('a/one', []), profile: 'quick', seed: 1 }, control: control('x') };
  const time = new TimeLeft();
  const before = time.leftMs([job, job]);
  expect(before).toBeCloseTo(2 * 7_000 * shareOf(job));
  time.add(job, 14_000);
  expect(time.leftMs([job, job])).toBeCloseTo(2 * before);
});

describe('matrix', () => {
  const result = cell;

  it.each([
    [{}, 'right'],
    [{ found: [] }, 'missed'],
    [{ found: ['parity/lost', 'parity/phantom'] }, 'false'],
    [{ expected: [], found: ['parity/lost'] }, 'false'],
    [{ expected: [], found: [] }, 'right'],
    [{ expected: ['parity/lost@agent'], found: ['parity/lost@agent'] }, 'right'],
    [{ expected: ['parity/lost@agent'], found: ['parity/lost@driver'] }, 'missed'],
    [{ expected: ['parity/lost@agent'], found: ['parity/lost@agent', 'parity/lost@sink'] }, 'false'],
    [{ found: ['parity/lost'], doubt: 'why' }, 'unknown'],
  ])('grades %j as %s', (over, grade) => expect(gradeControl(result(over))).toBe(grade));

  it('has a row for each control with what came of each seed, and the sums', () => {
    const page = renderMatrix(
      [
        result({}),
        result({ seed: 2 }),
        result({ seed: 3, found: ['parity/phantom'] }),
        result({ agent: 'agents/good', expected: [], found: [] }),
      ],
      { wanted: 4 },
    );
    expect(page).toContain(
      '2026-01-02, commit abc1234; seed 1 in the quick profile (2 cells), seed 2 in the quick profile (1 cells), seed 3 in the quick profile (1 cells).',
    );
    expect(page).not.toContain('Not whole');
    expect(page).toContain('Planted: 2 of 3 caught, 1 missed');
    expect(page).toContain('Clean: 1 of 1 clean');
    expect(page).toContain(
      '| `loss/x` | `agents/rogue` | parity/lost | caught (2×); **missed** parity/lost, **false** parity/phantom |',
    );
  });

  it('says when it is not whole, and which cells are of which commit', () => {
    const page = renderMatrix([result({}), result({ seed: 2, commit: 'def5678', date: '2026-01-03' })], {
      wanted: 3,
    });
    expect(page).toContain('**Not whole**: 2 of 3 cells');
    expect(page).toContain('2026-01-02 to 2026-01-03, commit abc1234 (1 cells), def5678 (1 cells); seed 1 in');
  });
});
