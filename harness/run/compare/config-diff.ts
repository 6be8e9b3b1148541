// The configs of a comparison side by side, as unified diffs: agent files, and the agents' own configs. Secrets are
// redacted before anything is compared.

import { createTwoFilesPatch } from 'diff';
import { stringify } from 'yaml';
import { redactSecrets } from '../../agents/config-diff.ts';
import type { AgentSpec } from '../../model/agent.ts';
import type { Comparison } from '../../model/comparison.ts';

const CONTEXT_LINES = 3;

/** Diffs from the first agent to each other; nothing where two are the same. */
export function diffConfigs(agents: readonly AgentSpec[]): Comparison['configDiffs'] {
  const [first, ...others] = agents;
  if (!first) return [];
  return others.flatMap((other) => {
    const names = { from: first.name, to: other.name };
    return [
      { ...names, what: 'agent file, resolved', diff: diffTexts(names, describeAgent(first), describeAgent(other)) },
      { ...names, what: "the agent's own config", diff: diffTexts(names, first.configText, other.configText) },
    ].filter(({ diff }) => diff !== '');
  });
}

/** What of an agent file decides how it behaves; where it lies does not. */
function describeAgent(agent: AgentSpec): string {
  const { agent: kind, process, driver, self, line, image, health, metrics } = agent;
  return stringify({ agent: kind, process, driver, self, line, image, health, metrics });
}

function diffTexts({ from, to }: { from: string; to: string }, before: string | null, after: string | null): string {
  const [old, changed] = [redactSecrets(before ?? ''), redactSecrets(after ?? '')];
  if (old === changed) return '';
  return createTwoFilesPatch(from, to, old, changed, '', '', { context: CONTEXT_LINES }).replace(/^=+\n/, '');
}
