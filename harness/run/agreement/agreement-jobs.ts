// Which runs are made on both engines: each scenario as it is, and the first of its controls that must be found.

import { dockerEngine } from '../../engine/docker/docker-engine.ts';
import { processEngine } from '../../engine/process/process-engine.ts';
import type { AgentSpec } from '../../model/agent.ts';
import type { PartRegistry } from '../../model/engine.ts';
import type { Control, Scenario } from '../../model/scenario.ts';
import { planRun } from '../plan-run.ts';

/** One pair to run. `lacks`: why not on both, else empty. */
export interface AgreementJob {
  scenario: Scenario;
  control: Control;
  lacks: string[];
}

/** All scenarios as they are first, then the controls. `generation`: that of the daemon here. */
export function listAgreementJobs(
  scenarios: readonly Scenario[],
  {
    registry,
    generation,
    loadAgent,
  }: { registry: PartRegistry; generation: string; loadAgent(name: string): AgentSpec },
): AgreementJob[] {
  const plain = scenarios.map((scenario) => ({
    scenario,
    control: { agent: scenario.agent ?? 'agents/larsen-agent', with: {}, finds: [] },
  }));
  const found = scenarios.flatMap((scenario) => {
    const control = scenario.controls.find(({ finds }) => finds.length > 0);
    return control ? [{ scenario, control }] : [];
  });
  return [...plain, ...found].map(({ scenario, control }) => {
    const agent = loadAgent(control.agent);
    const plan = planRun({ scenario, agent, seed: 1, repeat: 0, engine: 'docker', outDir: '/' });
    const wanted = scenario.topology.driver.docker ?? agent.driver.docker;
    const other =
      wanted === generation
        ? []
        : [`It asks for the driver of Docker ${wanted}, the engine here has that of ${generation}`];
    return {
      scenario,
      control,
      lacks: [...dockerEngine.missing(plan, registry), ...processEngine.missing(plan, registry), ...other],
    };
  });
}
