// Which controls are run: each that a scenario declares, and the agents that must be clean in every scenario. In CI
// each agent has one home: a planted defect the first scenario that names it, a clean agent the last.

import { asksRuntime, type Control, type Scenario } from '../../model/scenario.ts';

/** One control to run. */
export interface ControlJob {
  scenario: Scenario;
  control: Control;
}

/** Agents that raise no finding in any scenario, as the scenario is. */
export const CLEAN_AGENTS = ['agents/healthy/agent', 'agents/larsen-agent', 'agents/larsen-agent-self-routed'];

/** Scenarios whose length or load is too much for every clean agent: there only what they declare is run. */
const DECLARED_ONLY = 'regressions/founding-outage';

/** Every control of every scenario; the clean agents are run in each, unless it needs agents that are told to scrub. */
export function listAllJobs(scenarios: readonly Scenario[]): ControlJob[] {
  return scenarios.filter(isForProcesses).flatMap((scenario) => {
    const isSpecial = scenario.id === DECLARED_ONLY || 'privacy' in scenario.expect;
    const implied = isSpecial ? [] : CLEAN_AGENTS.filter((agent) => !isDeclared(scenario, agent));
    const clean = implied.map((agent): Control => ({ agent, with: {}, finds: [] }));
    return [...scenario.controls, ...clean].map((control) => ({ scenario, control }));
  });
}

/** The controls are run on the process engine, which has no container runtime to watch. */
function isForProcesses(scenario: Scenario): boolean {
  return !asksRuntime(scenario);
}

function isDeclared({ controls }: Scenario, agent: string): boolean {
  return controls.some((control) => control.agent === agent && control.finds.length === 0);
}

/** Each agent once for what it must be found by and once where it must be clean. */
export function listHomeJobs(all: readonly Scenario[]): ControlJob[] {
  const scenarios = all.filter(isForProcesses);
  return scenarios.flatMap((scenario) =>
    scenario.controls
      .filter((control) => findHome(scenarios, control) === scenario.id)
      .map((control) => ({ scenario, control })),
  );
}

function findHome(scenarios: readonly Scenario[], { agent, finds }: Control): string | undefined {
  const naming = scenarios.filter(({ controls }) =>
    controls.some((other) => other.agent === agent && other.finds.length > 0 === finds.length > 0),
  );
  return (finds.length > 0 ? naming[0] : naming.at(-1))?.id;
}

/** What a run of any size takes: eight processes that start, their timers, judging (4 to 5 s of 28 on two cores). */
const SHARE_OF_ANY = 0.22;
const LINES_PER_SECOND_MAX = 10_000;
const BYTES_PER_SECOND_MAX = 20 * 1_048_576;
/** A request is a line of two apps, and the load generator's work. */
const LINES_PER_REQUEST = 5;
const PLAIN_LINE_BYTES = 300;

/**
 * The share of a CI machine of two cores that a control needs, up to 1 (alone): by the peak of its load, somewhat more
 * than such runs were measured to use (0.15 to 0.33), so that what is measured beside others is what is measured alone.
 * With a load of its own it runs alone.
 */
export function shareOf({ scenario, control }: ControlJob): number {
  if ('load' in control.with) return 1;
  let lines = 0;
  let bytes = 0;
  for (const { kind, rate, sizesBytes } of scenario.load) {
    const peak = Math.max(...rate.map(({ perSecond }) => perSecond)) * (kind === 'http' ? LINES_PER_REQUEST : 1);
    const size = sizesBytes.length === 0 ? PLAIN_LINE_BYTES : average(sizesBytes);
    lines += peak;
    bytes += peak * size;
  }
  return Math.min(1, SHARE_OF_ANY + lines / LINES_PER_SECOND_MAX + bytes / BYTES_PER_SECOND_MAX);
}

function average(values: readonly number[]): number {
  return values.reduce((sum, one) => sum + one, 0) / values.length;
}
