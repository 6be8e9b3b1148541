// Before anything starts: the run folder and the plan of every line, written by the plan's author so that what was
// due never has to be inferred from what was seen.

import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { HarnessError } from '../core/errors.ts';
import { writePlan } from '../load/plan.ts';
import type { RunPlan } from '../model/run.ts';

/** Makes the folder and writes the plan. Throws E_RUN_FOLDER_USED when there is a run in it already. */
export async function prepareRun(plan: RunPlan): Promise<{ dueLines: number }> {
  const linesDir = join(plan.folder, 'lines');
  try {
    mkdirSync(linesDir, { recursive: true });
    if (readdirSync(linesDir).length > 0)
      throw new HarnessError('E_RUN_FOLDER_USED', `There is a run in ${plan.folder} already: choose another \`--out\``);
  } catch (cause) {
    if (cause instanceof HarnessError) throw cause;
    throw new HarnessError(
      'E_RUN_FOLDER_WRITE',
      `The run folder ${plan.folder} cannot be written: choose another \`--out\``,
      { cause },
    );
  }
  const due = await writePlan({ scenario: plan.scenario, seed: plan.seed, linesDir });
  return { dueLines: Object.values(due).reduce((sum, lines) => sum + lines, 0) };
}
