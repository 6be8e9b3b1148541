// Where an agent's file says how: what the agent has written of losses into its log and its dead letters, read when
// it has ended and put into the history, alike on both engines.

import type { EngineInput } from '../../model/engine.ts';
import { readAdmissions } from '../../probe/admissions.ts';
import type { RunSpace } from './run-space.ts';

/** `logFile`: its own output as the engine has kept it; `deadLetters`: null where they are not to be seen from here. */
export async function recordAdmissions(
  { plan }: Pick<EngineInput, 'plan'>,
  space: Pick<RunSpace, 'record'>,
  { logFile, deadLetters }: { logFile: string; deadLetters: string | null },
): Promise<void> {
  const { admits } = plan.agent;
  if (!admits) return;
  const log = admits.log === null ? null : { files: [logFile], pattern: new RegExp(admits.log, 'u') };
  const apps = Object.keys(plan.scenario.topology.apps);
  const data = await readAdmissions({ log, deadLetters, run: plan.runName, apps });
  space.record({ kind: 'probe', hop: 'agent', data: { probe: 'admissions', ...data } });
}
