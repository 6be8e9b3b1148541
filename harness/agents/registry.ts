// The agents that `agent:` in an agent file may name. To add one: a file with its adapter and one line here.

import { HarnessError } from '../core/errors.ts';
import type { AgentAdapter, AgentInput, PreparedAgent } from './adapter.ts';
import { custom } from './custom.ts';
import { installedAgents } from './installed.ts';
import { larsenAgent } from './larsen-agent.ts';
import { prepareWith } from './prepare.ts';

/** Every adapter; `none` has no process and so no adapter. */
export const agentAdapters: AgentAdapter[] = [larsenAgent, custom, ...installedAgents];

/** The adapter of that name. Throws `E_AGENT_UNKNOWN`. */
export function findAdapter(name: string): AgentAdapter {
  const adapter = agentAdapters.find((candidate) => candidate.name === name);
  if (adapter) return adapter;
  const names = agentAdapters.map((candidate) => candidate.name).join(', ');
  throw new HarnessError('E_AGENT_UNKNOWN', `Expected \`agent\` to be one of ${names}, got ${JSON.stringify(name)}`);
}

/**
 * What to start, and how. Writes the rewritten config into `tempDir`. Throws `HarnessError` with `E_AGENT_UNKNOWN`,
 * `E_AGENT_COMMAND`, `E_AGENT_BINARY` or `E_AGENT_CONFIG` when the agent cannot be started, saying what its file lacks.
 */
export async function prepareAgent(input: AgentInput): Promise<PreparedAgent> {
  return prepareWith(findAdapter(input.spec.agent), input);
}
