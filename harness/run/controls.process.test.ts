// The verdicts themselves under test: every control that a scenario declares is run for real. Clean agents, ours and a
// stranger's, must raise no finding at all; planted defects must be found by exactly the findings that the scenario names.
// By default each agent is run once, a clean one in the last scenario that names it and a planted defect in the first, in
// the quick profile; LARSEN_CONTROLS=all runs every control and LARSEN_PROFILE=full the scenarios in full.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadRegistry } from '../engine/built-ins.ts';
import type { Control, Scenario } from '../model/scenario.ts';
import { openWorkspace, type Workspace } from '../plugin/workspace.ts';
import { createCatalogue } from '../scenario/catalogue.ts';
import { loadScenario } from '../scenario/load.ts';
import { type ControlOutcome, runControl } from './run-control.ts';

const FOUNDING = 'regressions/founding-outage';
const SEED = 11;
/** The circular wait came in 4 of 6 runs of the real outage: it is asked for within three attempts. */
const ATTEMPTS = 3;

const registry = await loadRegistry([]);
const catalogue = createCatalogue();
const scenarios = catalogue.scenarios().map(({ id }) => loadScenario(id, { catalogue, registry }));
const outDir = mkdtempSync(join(tmpdir(), 'controls-'));
let workspace: Workspace;
beforeAll(async () => {
  workspace = await openWorkspace({ configFile: null, loadRegistry });
});
afterAll(() => rmSync(outDir, { recursive: true, force: true }));

let runs = 0;
const profile = process.env.LARSEN_PROFILE ?? 'quick';
/** As `--retry-unknown 1` in CI: a busy machine proves nothing, once. */
const run = async (scenario: string, control: number, seed = SEED): Promise<ControlOutcome> => {
  const outcome = await runOnce(scenario, control, seed);
  return outcome.judged.result.verdict === 'unknown' ? runOnce(scenario, control, seed) : outcome;
};
const runOnce = (scenario: string, control: number, seed: number): Promise<ControlOutcome> =>
  runControl({
    workspace,
    scenario,
    control,
    profile: scenario === FOUNDING ? null : profile,
    seed,
    outDir: join(outDir, String(runs++)),
  });

/** The controls of a scenario that are run now, with their index. */
const selected = ({ id, controls }: Scenario): (Control & { index: number })[] =>
  controls
    .map((control, index) => ({ ...control, index }))
    .filter(({ agent, finds }) => process.env.LARSEN_CONTROLS === 'all' || homeOf(agent, finds.length > 0) === id);
const homeOf = (agent: string, isPlanted: boolean): string | undefined => {
  const naming = scenarios.filter(({ controls }) => controls.some((control) => control.agent === agent));
  return (isPlanted ? naming[0] : naming.at(-1))?.id;
};

const others = scenarios.filter((scenario) => scenario.id !== FOUNDING && selected(scenario).length > 0);
describe.each(others)('$id', (scenario) => {
  const { id } = scenario;
  test.each(
    selected(scenario).map(({ index, agent, finds }) => ({ index, agent, finds: finds.join(', ') || 'nothing' })),
  )('finds $finds in $agent', async ({ index }) => {
    const { judged, expected, found } = await run(id, index);
    expect(found, judged.result.reasons.join('\n')).toEqual(expected);
    expect(judged.result.verdict, judged.result.reasons.join('\n')).toBe(expected.length > 0 ? 'invalid' : 'valid');
  });
});

describe(FOUNDING, () => {
  const founding = scenarios.find(({ id }) => id === FOUNDING)!;
  const { controls } = founding;
  const isOutage = ({ agent }: { agent: string }): boolean => agent.endsWith('fluentd-2019');

  test.each(selected(founding).filter((control) => !isOutage(control)))('finds $finds in $agent', async ({ index }) => {
    const { judged, expected, found } = await run(FOUNDING, index);
    expect(found, judged.result.reasons.join('\n')).toEqual(expected);
  });

  test(`is red on Docker 18.09, with the circular wait within ${ATTEMPTS} attempts and the quiet neighbour unharmed`, async () => {
    const index = controls.findIndex(isOutage);
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const { judged, expected, found } = await run(FOUNDING, index, SEED + attempt);
      console.log(`founding-outage, seed ${SEED + attempt}: ${found.join(', ')}`);
      const { findings, verdict } = judged.result;
      expect(verdict).toBe('invalid');
      expect(found).toContain('feedback-loop/howling');
      expect(found).toContain('parity/lost');
      for (const finding of findings) expect(finding.evidence.length, finding.title).toBeGreaterThan(0);
      expect(findings.some((finding) => finding.checker === 'socket-stall' && finding.title.includes('quiet'))).toBe(
        false,
      );
      if (found.join() === expected.join()) return;
    }
    expect.unreachable(`no circular wait with a frozen app in ${ATTEMPTS} attempts`);
  });
});
