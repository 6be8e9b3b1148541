// Which runs are made on both engines: each scenario as it is, and the first of its controls that must be found.

import { dockerEngine } from '../../engine/docker/docker-engine.ts';
import { processEngine } from '../../engine/process/process-engine.ts';
import type { AgentSpec } from '../../model/agent.ts';
import type { PartRegistry } from '../../model/engine.ts';
import type { Control } from '../../model/scenario.ts';
import type { LoadedScenario } from '../load-scenarios.ts';
import { planRun } from '../plan-run.ts';

/** One pair to run. `lacks`: why not on both, else empty. */
export interface AgreementJob extends LoadedScenario {
  control: Control;
  lacks: string[];
}

/** All scenarios as they are first, then the controls. `generation`: that of the daemon here. */
export function listAgreementJobs(
  loaded: readonly LoadedScenario[],
  {
    registry,
    generation,
    loadAgent,
  }: { registry: PartRegistry; generation: string; loadAgent(name: string): AgentSpec },
): AgreementJob[] {
  const plain = loaded.map(({ scenario, profile }) => ({
    ...{ scenario, profile },
    control: { agent: scenario.agent ?? 'agents/larsen-agent', with: {}, finds: [] },
  }));
  const found = loaded.flatMap(({ scenario, profile }) => {
    const control = scenario.controls.find(({ finds }) => finds.length > 0);
    return control ? [{ scenario, profile, control }] : [];
  });
  return [...plain, ...found].map(({ scenario, profile, control }) => {
    const agent = loadAgent(control.agent);
    const plan = planRun({ scenario, agent, seed: 1, repeat: 0, engine: 'docker', outDir: '/' });
    const wanted = plan.agent.driver.docker;
    const other =
      wanted === generation
        ? []
        : [`It asks for the driver of Docker ${wanted}, the engine here has that of ${generation}`];
    return {
      ...{ scenario, profile, control },
      lacks: [...dockerEngine.missing(plan, registry), ...processEngine.missing(plan, registry), ...other],
    };
  });
}
