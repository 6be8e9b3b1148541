// Puts the runs of a comparison together: a cell for each agent in each scenario, then what each two of them show.

import type { AgentSpec } from '../../model/agent.ts';
import type { Comparison, ComparisonCell, ComparisonScenario } from '../../model/comparison.ts';
import type { Result, RunResult } from '../../model/run.ts';
import type { DriverSpec, Scenario } from '../../model/scenario.ts';
import { shortenPath } from '../output-folder.ts';
import { diffConfigs } from './config-diff.ts';
import { contrastCells, summariseMeasure } from './contrast.ts';
import { MEASURES, type TakenMeasure } from './measures.ts';
import type { RunCost } from './run-cost.ts';

/** A run and what it cost. */
export interface CostedRun {
  run: RunResult;
  cost: RunCost;
}

/** The comparison of all these runs; agents and scenarios in the order they were named. */
export function buildComparison({
  result,
  runs,
  agents,
  scenarios,
  seed,
  repeats,
}: {
  result: Result;
  runs: readonly CostedRun[];
  agents: readonly AgentSpec[];
  scenarios: readonly Scenario[];
  seed: number;
  repeats: number;
}): Comparison {
  return {
    schema: 1,
    larsen: result.larsen,
    verdict: result.verdict,
    startedAt: result.startedAt,
    durationMs: result.durationMs,
    seed,
    repeats,
    engine: result.runs[0]?.engine ?? 'process',
    agents: agents.map(({ name, file, driver, self }) => ({
      name,
      file: file === null ? null : shortenPath(file),
      driver: describeDriver(driver),
      self: describeDriver(self),
    })),
    measures: MEASURES.map(({ take: _take, ...measure }) => measure),
    scenarios: scenarios.map((scenario) => buildScenario(scenario, agents, runs)),
    configDiffs: diffConfigs(agents),
  };
}

function buildScenario(
  { id, title }: Scenario,
  agents: readonly AgentSpec[],
  runs: readonly CostedRun[],
): ComparisonScenario {
  const cells = agents.map(({ name }) =>
    buildCell(
      name,
      runs.filter(({ run }) => run.scenario === id && run.agent === name),
    ),
  );
  return { scenario: id, title, cells, contrasts: contrastCells(cells, MEASURES) };
}

function buildCell(agent: string, all: readonly CostedRun[]): ComparisonCell {
  const runs = [...all].sort((a, b) => a.run.repeat - b.run.repeat);
  const count = (verdict: RunResult['verdict']): number => runs.filter(({ run }) => run.verdict === verdict).length;
  const findings: Record<string, number> = {};
  for (const { run } of runs)
    for (const name of new Set(run.findings.map((finding) => `${finding.checker}/${finding.class}`)))
      findings[name] = (findings[name] ?? 0) + 1;
  return {
    agent,
    verdicts: { valid: count('valid'), invalid: count('invalid'), unknown: count('unknown') },
    findings: Object.fromEntries(Object.entries(findings).sort(([a], [b]) => a.localeCompare(b))),
    folders: runs.map(({ run }) => run.folder),
    measures: MEASURES.map((measure) => summariseMeasure(measure.id, takeAll(measure, runs))),
  };
}

/** A run that proves nothing measures nothing. */
function takeAll({ take }: TakenMeasure, runs: readonly CostedRun[]): number[] {
  return runs
    .filter(({ run }) => run.verdict !== 'unknown')
    .map(({ run, cost }) => take(run, cost))
    .filter((value) => value !== null);
}

function describeDriver({ name, docker, async, mode }: DriverSpec): string {
  if (name !== 'fluentd') return name;
  return `${name} of Docker ${docker}, ${async ? 'async' : 'sync'}${mode === 'non-blocking' ? ', non-blocking' : ''}`;
}
