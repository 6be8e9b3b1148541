// `larsen compare`: the same scenarios over several agents, interleaved, and one answer: who wins at what and by how
// much, and where no difference was shown.

import { resolve } from 'node:path';
import { loadRegistry } from '../../engine/built-ins.ts';
import type { Comparison } from '../../model/comparison.ts';
import type { RunOptions } from '../../model/run-options.ts';
import { openWorkspace } from '../../plugin/workspace.ts';
import { describeOutcomes } from '../../report/compare/outcomes.ts';
import { outputFolder } from '../output-folder.ts';
import { planRuns } from '../plan-run.ts';
import { openHistory } from '../recorded-history.ts';
import { type CallOutcome, runPlans } from '../run-all.ts';
import { buildComparison, type CostedRun } from './build-comparison.ts';
import { orderBlocks } from './plan-blocks.ts';
import { readRunCost } from './run-cost.ts';
import { writeComparison } from './write-comparison.ts';

/** What a comparison ends with. */
export interface CompareOutcome extends CallOutcome {
  comparison: Comparison;
}

/** Runs, compares, and writes comparison.json, compare.md and compare.html beside the results of the runs. */
export async function compareAll(options: RunOptions): Promise<CompareOutcome> {
  const workspace = await openWorkspace({ configFile: options.configFile, loadRegistry });
  const startedAt = new Date();
  const seed = options.seed ?? Math.floor(Math.random() * 1_000_000);
  const outDir = outputFolder(options.out, { startedAt, name: 'compare' });
  const plans = planRuns(options, { workspace, seed, outDir });
  const { result, exitCode } = await runPlans(orderBlocks(plans, seed), options, { workspace, outDir, startedAt });
  const comparison = buildComparison({
    result,
    runs: await costRuns(result.runs, outDir),
    agents: distinct(
      plans.map(({ agent }) => agent),
      ({ name }) => name,
    ),
    scenarios: distinct(
      plans.map(({ scenario }) => scenario),
      ({ id }) => id,
    ),
    seed,
    repeats: options.repeat,
  });
  const page = await writeComparison(comparison, outDir);
  const stream = options.json ? process.stderr : process.stdout;
  stream.write(`\n${describeOutcomes(comparison)}\ncompared  ${page}\n`);
  return { result, exitCode, comparison };
}

async function costRuns(runs: CallOutcome['result']['runs'], outDir: string): Promise<CostedRun[]> {
  const costed: CostedRun[] = [];
  for (const run of runs)
    costed.push({ run, cost: await readRunCost(run, await openHistory(resolve(outDir, run.folder))) });
  return costed;
}

function distinct<Item>(items: readonly Item[], key: (item: Item) => string): Item[] {
  return [...new Map(items.map((item) => [key(item), item])).values()];
}
