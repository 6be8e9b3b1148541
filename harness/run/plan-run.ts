// From options to planned runs: scenarios × agents × repeats, each with its seed and folder.

import { accessSync, constants } from 'node:fs';
import { delimiter, isAbsolute, join, resolve } from 'node:path';
import { HarnessError } from '../core/errors.ts';
import { createPrng } from '../core/prng.ts';
import type { AgentSpec } from '../model/agent.ts';
import type { RunPlan } from '../model/run.ts';
import type { RunOptions } from '../model/run-options.ts';
import type { Scenario } from '../model/scenario.ts';
import type { Workspace } from '../plugin/workspace.ts';
import { applySetUp, readSetUp } from '../scenario/docker-set-up.ts';
import { loadScenario } from '../scenario/load.ts';
import { loadAgent } from '../scenario/load-agent.ts';
import { applyDriverOverride } from '../scenario/merge.ts';
import { nameApart } from './name-apart.ts';
import { runFolderName } from './output-folder.ts';

const DEFAULT_SUITE = 'default';
const DEFAULT_AGENT = 'larsen-agent';

/** All runs of a call, in order: for each repeat every scenario with every agent. Throws HarnessError for bad names or files. */
export function planRuns(
  options: RunOptions,
  { workspace, seed, outDir }: { workspace: Workspace; seed: number; outDir: string },
): RunPlan[] {
  const { catalogue, registry } = workspace;
  const scenarios = selectScenarios(options, workspace);
  const plans: RunPlan[] = [];
  const agentOf = new Map<string, AgentSpec>();
  const setUp = options.setUp ? readSetUp(options.setUp, process.env) : null;
  const agent = (name: string): AgentSpec => {
    const loaded = agentOf.get(name) ?? loadAgent(name, { catalogue });
    const spec = setUp && loaded.setUp === undefined ? applySetUp(loaded, setUp) : loaded;
    agentOf.set(name, spec);
    return spec;
  };
  const named = nameApart(options.agents.map(agent));
  for (let repeat = 0; repeat < options.repeat; repeat++) {
    for (const scenario of scenarios) {
      const specs = named.length > 0 ? named : [agent(scenario.agent ?? DEFAULT_AGENT)];
      for (const spec of specs)
        plans.push(planRun({ scenario, agent: spec, seed: seed + repeat, repeat, engine: options.engine, outDir }));
    }
  }
  for (const { agent: spec } of plans) checkCommand(spec);
  checkNames(options, registry.checkers);
  return plans;
}

/** One planned run. The scenario's driver wins over the agent file's. */
export function planRun({
  scenario,
  agent,
  seed,
  repeat,
  engine,
  outDir,
  attempt = 0,
}: Omit<RunPlan, 'runName' | 'folder'> & { outDir: string; attempt?: number }): RunPlan {
  const runName = runNameOf(`${seed}/${scenario.id}/${agent.name}/${repeat}/${attempt}`);
  const plan = { scenario, agent: applyDriverOverride(agent, scenario.topology.driver), engine, seed, repeat, runName };
  return { ...plan, folder: join(outDir, runFolderName(plan, attempt)) };
}

/** Six letters and digits that tell this run's line ids from any other's. */
function runNameOf(text: string): string {
  const prng = createPrng(text);
  return Array.from(
    { length: 6 },
    () => '0123456789abcdefghijklmnopqrstuvwxyz'[prng.integer({ min: 0, max: 35 })],
  ).join('');
}

function selectScenarios(options: RunOptions, { catalogue, registry }: Workspace): Scenario[] {
  const load = (name: string, profile: string | null): Scenario => loadScenario(name, { catalogue, registry, profile });
  if (options.scenarios.length > 0) return options.scenarios.map((name) => load(name, options.profile));
  const suite = catalogue
    .scenarios()
    .filter(({ id }) => load(id, null).suite === DEFAULT_SUITE)
    .map(({ id }) => load(id, options.profile));
  if (suite.length === 0)
    throw new HarnessError(
      'E_SCENARIO_NONE',
      'No scenario has `suite: default`: name one, e.g. `larsen run viral-video`',
    );
  return suite;
}

function checkNames({ only }: RunOptions, checkers: ReadonlyMap<string, unknown>): void {
  for (const name of only) {
    if (!checkers.has(name))
      throw new HarnessError(
        'E_ARGUMENT_CHECKER',
        `\`--only ${name}\`: there is no such checker. There are ${[...checkers.keys()].join(', ')}`,
      );
  }
}

/** A program that is not there is a mistake in the agent file, told before anything starts. */
function checkCommand({ name, file, folder, process: { command } }: AgentSpec): void {
  const program = command[0];
  if (program === undefined || program.includes('{')) return;
  const paths =
    program.includes('/') || isAbsolute(program)
      ? [resolve(folder, program)]
      : (process.env.PATH ?? '').split(delimiter).map((path) => join(path, program));
  if (paths.some(isExecutable)) return;
  throw new HarnessError(
    'E_AGENT_COMMAND',
    `${file}: \`process.command\` of agent ${name}: there is no program ${JSON.stringify(program)}${program.includes('/') ? ` in ${folder}` : ' in PATH'}, or it is not executable`,
  );
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
