// What is run to verify the oracle, how two cores are shared, and what the matrix says of the results.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Control, Scenario } from '../../model/scenario.ts';
import { CLEAN_AGENTS, isLight, listAllJobs, listHomeJobs } from './control-jobs.ts';
import { type ControlResult, gradeControl, renderMatrix } from './matrix.ts';
import { shareCores } from './share-cores.ts';

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

  it('are light only with few lines a second and a load that the control leaves as it is', () => {
    const [job] = listHomeJobs([one]);
    expect(isLight(job!)).toBe(true);
    expect(isLight({ ...job!, scenario: scenario('a/three', [], 1_000) })).toBe(false);
    expect(isLight({ ...job!, control: { ...job!.control, with: { load: [] } } })).toBe(false);
  });
});

describe('sharing cores', () => {
  it('never runs more than two, a heavy one always alone, and keeps the order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { maxLength: 12 }), async (jobs) => {
        let running = 0;
        const outcomes = await shareCores(
          jobs.map((light, index) => ({ light, index })),
          {
            isLight: ({ light }) => light,
            run: async ({ light, index }) => {
              running++;
              expect(running).toBeLessThanOrEqual(light ? 2 : 1);
              await new Promise((resolve) => setImmediate(resolve));
              running--;
              return index;
            },
          },
        );
        expect(outcomes).toEqual(jobs.map((_, index) => index));
      }),
    );
  });
});

describe('matrix', () => {
  const result = (over: Partial<ControlResult>): ControlResult => ({
    scenario: 'loss/x',
    agent: 'agents/rogue',
    isVariant: false,
    expected: ['parity/lost'],
    found: ['parity/lost'],
    doubt: null,
    seed: 1,
    ...over,
  });

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
      { date: '2026-01-02', commit: 'abc1234', profile: 'quick' },
    );
    expect(page).toContain('2026-01-02, commit abc1234, profile quick, seeds 1, 2, 3.');
    expect(page).toContain('Planted: 2 of 3 caught, 1 missed');
    expect(page).toContain('Clean: 1 of 1 clean');
    expect(page).toContain(
      '| `loss/x` | `agents/rogue` | parity/lost | caught (2×); **missed** parity/lost, **false** parity/phantom |',
    );
  });
});
