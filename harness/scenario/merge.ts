// How a profile is merged over a scenario, and a scenario's driver over the agent's: maps go deep, lists and plain
// values are replaced. Nothing is scaled, nothing is guessed.

import type { AgentSpec } from '../model/agent.ts';
import type { DriverOverride, DriverSpec } from '../model/scenario.ts';

/** `over` merged over `base`; neither is changed. */
export function mergeOver(base: unknown, over: unknown): unknown {
  if (!isMap(base) || !isMap(over)) return over;
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over))
    merged[key] = Object.hasOwn(base, key) ? mergeOver(base[key], value) : value;
  return merged;
}

/**
 * The agent with the scenario's `topology.driver` over its own. The Docker version holds for its own output too, and
 * so does every other key where its output goes to the same kind of driver and the agent file does not set it.
 */
export function applyDriverOverride(agent: AgentSpec, override: DriverOverride): AgentSpec {
  const { type: _type, with: _with, ...keys } = override;
  const driver = mergeDriver(agent.driver, keys);
  const set = agent.selfSet ?? {};
  const shared = agent.self.name === driver.name ? driver : { ...agent.self, docker: driver.docker };
  return { ...agent, driver, self: { ...mergeDriver(shared, set), name: agent.self.name } };
}

/** `over` merged over a driver; `options` key by key. */
export function mergeDriver(base: DriverSpec, over: Partial<DriverSpec>): DriverSpec {
  return { ...base, ...over, options: { ...base.options, ...over.options } };
}

function isMap(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
