// Runs one of the controls that a scenario declares: an agent that must stay clean, or one whose planted defect must
// be found, by exactly the findings that the scenario names. This is how the verdicts themselves are tested.

import { processEngine } from '../engine/process/process-engine.ts';
import type { Engine } from '../model/engine.ts';
import type { Reporter } from '../model/reporter.ts';
import type { Control } from '../model/scenario.ts';
import type { Workspace } from '../plugin/workspace.ts';
import { loadScenario } from '../scenario/load.ts';
import { loadAgent } from '../scenario/load-agent.ts';
import { executeRun } from './execute-run.ts';
import type { JudgedRun } from './judge-run.ts';
import { nameFindings } from './name-findings.ts';
import { planRun } from './plan-run.ts';

/** Which control of which scenario, and where its run folder goes. */
export interface ControlRun {
  workspace: Workspace;
  scenario: string;
  control: Control;
  /** Profile that the control is laid over; null: the scenario as it is. */
  profile: string | null;
  seed: number;
  /** Makes the run's name: runs at the same time need different ones. */
  repeat: number;
  outDir: string;
  /** The process engine where nothing else is said. */
  engine?: Engine;
  images?: Record<string, string>;
}

/** The judged run of a control and the findings it was to have, sorted; what was found is named with its hop where that was asked. */
export interface ControlOutcome {
  judged: JudgedRun;
  expected: string[];
  found: string[];
}

/** Runs a control. Throws HarnessError when the harness broke. */
export async function runControl({
  workspace,
  scenario: name,
  control,
  profile,
  seed,
  repeat,
  outDir,
  engine = processEngine,
  images = {},
}: ControlRun): Promise<ControlOutcome> {
  const { catalogue, registry } = workspace;
  const scenario = loadScenario(name, { catalogue, registry, profile, over: control.with });
  const agent = loadAgent(control.agent, { catalogue });
  const plan = planRun({ scenario, agent, seed, repeat, engine: engine.name, outDir });
  const judged = await executeRun({
    plan,
    registry,
    engine,
    images,
    reporter: silentReporter,
    signal: new AbortController().signal,
    only: [],
    keep: false,
  });
  const found = nameFindings(judged.result.findings, control.finds);
  return { judged, expected: [...control.finds].sort(), found };
}

const silentReporter: Reporter = {
  runStarted: () => undefined,
  phase: () => undefined,
  tick: () => undefined,
  runEnded: () => undefined,
  finished: () => undefined,
  message: () => undefined,
};
