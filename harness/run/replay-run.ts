// `larsen replay`: runs a recorded run again from its record: same scenario, agent, seed and faults. Real time is
// measured, not promised, so numbers differ; what was planned does not.

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { HarnessError } from '../core/errors.ts';
import { loadRegistry } from '../engine/built-ins.ts';
import type { AgentSpec } from '../model/agent.ts';
import type { RunPlan } from '../model/run.ts';
import type { ReplayOptions } from '../model/run-options.ts';
import { openWorkspace } from '../plugin/workspace.ts';
import { createCatalogue } from '../scenario/catalogue.ts';
import { loadAgent } from '../scenario/load-agent.ts';
import { outputFolder } from './output-folder.ts';
import { planRun } from './plan-run.ts';
import { type CallOutcome, runPlans } from './run-all.ts';
import { REDACTED, readRunRecord } from './run-record-file.ts';

/** Replays the run of a folder into a new one. Throws E_RUN_FOLDER_READ. */
export async function replayRun(folder: string, options: ReplayOptions): Promise<CallOutcome> {
  const { plan } = readRunRecord(resolve(folder));
  const workspace = await openWorkspace({ configFile: options.configFile, loadRegistry });
  const startedAt = new Date();
  const outDir = outputFolder(options.out, { startedAt, name: `replay-${plan.scenario.id}` });
  const replayed: RunPlan = planRun({
    ...plan,
    scenario: restoreLimits(plan.scenario),
    agent: restoreSecrets(plan.agent),
    outDir,
  });
  return runPlans([replayed], { ...options, only: [], retryUnknown: 0 }, { workspace, outDir, startedAt });
}

/** JSON has no Infinity: limits that a version of the sink does not have come back as null. */
function restoreLimits(scenario: RunPlan['scenario']): RunPlan['scenario'] {
  const { sink } = scenario.topology;
  const limits = Object.fromEntries(
    Object.entries(sink.limits).map(([key, value]) => [key, value ?? Number.POSITIVE_INFINITY]),
  ) as typeof sink.limits;
  return { ...scenario, topology: { ...scenario.topology, sink: { ...sink, limits } } };
}

/** Secrets never reach a run folder: an agent that has some is read again from its own file. */
function restoreSecrets(agent: AgentSpec): AgentSpec {
  if (!JSON.stringify([agent.configText, agent.process.env]).includes(REDACTED)) return agent;
  if (agent.file === null || !existsSync(agent.file)) {
    throw new HarnessError(
      'E_RUN_FOLDER_INVALID',
      `The run's agent ${agent.name} has secrets, which are not in the run folder, and its file ${agent.file} is gone: put it back to replay`,
    );
  }
  const { configText, process } = loadAgent(agent.file, { catalogue: createCatalogue() });
  return { ...agent, configText, process: { ...agent.process, env: process.env } };
}
