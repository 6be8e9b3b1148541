import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AgentSpec } from '../../model/agent.ts';
import type { ComparisonCell, Measure } from '../../model/comparison.ts';
import type { Event } from '../../model/event.ts';
import type { RunPlan } from '../../model/run.ts';
import { createHistory } from '../../testing/create-history.ts';
import { INVALID_RUN, VALID_RUN } from '../../testing/fixtures/report-results.ts';
import { nameApart } from '../name-apart.ts';
import { diffConfigs } from './config-diff.ts';
import { contrastCells, summariseMeasure } from './contrast.ts';
import { MEASURES } from './measures.ts';
import { orderBlocks } from './plan-blocks.ts';
import { readRunCost } from './run-cost.ts';

const MEASURE: Measure = {
  id: 'x',
  label: 'x',
  group: 'cost',
  unit: 'ratio',
  floor: { absolute: 0.5, ofMedian: 0 },
  meaning: '',
};

function cell(agent: string, values: number[]): ComparisonCell {
  return {
    agent,
    verdicts: { valid: values.length, invalid: 0, unknown: 0 },
    findings: {},
    folders: [],
    measures: [summariseMeasure('x', values)],
  };
}

function outcomeOf(a: number[], b: number[]): string {
  return contrastCells([cell('a', a), cell('b', b)], [MEASURE])[0]!.outcome;
}

describe('contrastCells', () => {
  it('names the one that has less, once the repeats show it', () => {
    expect(outcomeOf([1, 2, 3, 4, 5], [11, 12, 13, 14, 15])).toBe('a');
    expect(outcomeOf([11, 12, 13, 14, 15], [1, 2, 3, 4, 5])).toBe('b');
  });

  it('shows nothing where there is nothing to show, or no way to show it', () => {
    expect(outcomeOf([1, 5, 3, 4, 2], [2, 3, 5, 1, 4])).toBe('not-shown');
    expect(outcomeOf([7, 7], [7, 7])).toBe('same');
    expect(outcomeOf([1, 2, 3], [100, 101, 102])).toBe('too-few');
    expect(outcomeOf([], [1, 2, 3, 4])).toBe('not-measured');
  });

  it('does not name what is below what the measure can resolve', () => {
    expect(outcomeOf([1, 1.01, 1.02, 1.03, 1.04], [1.11, 1.12, 1.13, 1.14, 1.15])).toBe('not-shown');
  });

  it('asks for more, the more measures are tried', () => {
    const measures = Array.from({ length: 12 }, (_, index) => ({ ...MEASURE, id: `m${index}` }));
    const noisy = (agent: string, first: number[]): ComparisonCell => ({
      ...cell(agent, []),
      measures: measures.map(({ id }, index) =>
        summariseMeasure(id, index === 0 ? first : agent === 'a' ? [1, 4, 5, 8, 9] : [2, 3, 6, 7, 10]),
      ),
    });
    const cells = [noisy('a', [1, 2, 3, 4, 5]), noisy('b', [11, 12, 13, 14, 15])];
    expect(contrastCells(cells, measures.slice(0, 1))[0]!.outcome).toBe('a');
    expect(contrastCells(cells, measures)[0]!.outcome).toBe('not-shown');
  });

  it('compares each two of three', () => {
    const contrasts = contrastCells([cell('a', [1]), cell('b', [2]), cell('c', [3])], [MEASURE]);
    expect(contrasts.map(({ a, b }) => a + b)).toEqual(['ab', 'ac', 'bc']);
  });
});

describe('orderBlocks', () => {
  const plans = ['a', 'b', 'c'].flatMap((name) =>
    ['s', 't'].flatMap((id) =>
      [0, 1, 2, 3].map((repeat) => ({ agent: { name }, scenario: { id }, repeat, seed: repeat }) as unknown as RunPlan),
    ),
  );

  it('keeps each plan, block by block, each agent once in a block; the order is the seed’s', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const ordered = orderBlocks(plans, seed);
        expect(new Set(ordered)).toEqual(new Set(plans));
        expect(ordered).toHaveLength(plans.length);
        for (let from = 0; from < ordered.length; from += 3) {
          const block = ordered.slice(from, from + 3);
          expect(new Set(block.map(({ agent }) => agent.name)).size).toBe(3);
          expect(new Set(block.map(({ repeat, scenario }) => `${repeat}${scenario.id}`)).size).toBe(1);
        }
        expect(orderBlocks(plans, seed)).toEqual(ordered);
      }),
    );
  });

  it('gives every agent the first place now and then', () => {
    const firsts = Array.from({ length: 40 }, (_, seed) => orderBlocks(plans, seed)[0]!.agent.name);
    for (const name of ['a', 'b', 'c']) expect(firsts.filter((first) => first === name).length).toBeGreaterThan(5);
  });
});

describe('nameApart', () => {
  it('tells agents of one name apart by their folders, then by number', () => {
    const agent = (name: string, file: string | null) => ({ name, file }) as AgentSpec;
    const names = (agents: AgentSpec[]): string[] => nameApart(agents).map(({ name }) => name);
    expect(names([agent('agent', '/x/before/agent.yaml'), agent('agent', '/x/after/agent.yaml')])).toEqual([
      'before-agent',
      'after-agent',
    ]);
    expect(names([agent('a', '/x/a.yaml'), agent('a', '/x/a.yaml'), agent('b', null)])).toEqual(['x-a', 'x-a-2', 'b']);
  });
});

describe('readRunCost', () => {
  const push = (hop: 'relay' | 'sink', decodedBytes: number): Event => ({
    n: 1,
    atNs: 0,
    kind: 'push',
    hop,
    data: { decodedBytes },
  });

  it('takes what all processes of the agent cost from the result, and nobody else’s; pushes at the sink', async () => {
    const costs = [
      { role: 'agent', name: 'x', cpuMs: 350, memoryMaxBytes: 9 },
      { role: 'agent', name: 'y', cpuMs: 10, memoryMaxBytes: 3 },
      { role: 'sink', name: 'z', cpuMs: 9_999, memoryMaxBytes: 99 },
    ];
    const history = createHistory([push('relay', 1_000), push('sink', 100), push('sink', 20)]);
    expect(await readRunCost({ costs }, history)).toEqual({ cpuMs: 360, memoryMaxBytes: 9, pushedBytes: 120 });
  });

  it('knows nothing of a run whose agent was not measured', async () => {
    const none = { cpuMs: null, memoryMaxBytes: null, pushedBytes: null };
    const costs = [{ role: 'sink', name: 'z', cpuMs: 1, memoryMaxBytes: 1 }];
    expect(await readRunCost({ costs }, createHistory([]))).toEqual(none);
    expect(await readRunCost({}, createHistory([push('relay', 7)]))).toEqual({ ...none, pushedBytes: 7 });
  });
});

describe('MEASURES', () => {
  const cost = { cpuMs: 2_000, memoryMaxBytes: 10, pushedBytes: 300 };
  const take = (id: string, run = INVALID_RUN): number | null =>
    MEASURES.find((measure) => measure.id === id)!.take(run, cost);

  it('take what the ledger and the checks say', () => {
    const { total } = INVALID_RUN.ledger;
    expect(take('lostShare')).toBe((total.lostLines + total.rejectedLines) / total.dueLines);
    expect(take('lostShare', VALID_RUN)).toBe(0);
    expect(take('longestWriteMs')).toBe(INVALID_RUN.checks['socket-stall']!.numbers.writeMaxMs);
    expect(take('cpuSecondsPerMillionLines')).toBeCloseTo(2e6 / total.storedLines, 6);
    expect(take('pushedBytesPerMillionLines')).toBeCloseTo(3e8 / total.storedLines, 6);
  });

  it('are nothing where a check was not made or no line was stored', () => {
    const { total } = INVALID_RUN.ledger;
    const empty = {
      ...INVALID_RUN,
      checks: {},
      ledger: { ...INVALID_RUN.ledger, total: { ...total, dueLines: 0, storedLines: 0 } },
    };
    const known = MEASURES.filter((measure) => measure.take(empty, cost) !== null).map(({ id }) => id);
    expect(known).toEqual(['memoryMaxBytes']);
  });
});

describe('diffConfigs', () => {
  const agent = (name: string, configText: string | null, self: string) =>
    ({ name, agent: 'custom', configText, self: { name: self }, driver: {}, process: {} }) as unknown as AgentSpec;

  it('shows what differs, with secrets left out, and nothing where two are the same', () => {
    const [file, config, ...rest] = diffConfigs([
      agent('a', 'flush 10s\npassword hunter2\n', 'fluentd'),
      agent('b', 'flush 1s\npassword hunter3\n', 'json-file'),
      agent('c', 'flush 10s\npassword hunter2\n', 'fluentd'),
    ]);
    expect(rest).toEqual([]);
    expect(file).toMatchObject({ from: 'a', to: 'b', what: 'agent file, resolved' });
    expect(file!.diff).toMatch(/^--- a\n\+\+\+ b\n/m);
    expect(file!.diff).toContain('-  name: fluentd\n+  name: json-file');
    expect(config!.diff).toContain('-flush 10s\n+flush 1s\n');
    expect(JSON.stringify([file, config])).not.toContain('hunter');
  });
});
