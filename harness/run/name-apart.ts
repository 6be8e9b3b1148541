// Two agent files of one name in one call (before/agent.yaml, after/agent.yaml) are two agents: they get names, and so
// run folders, of their own.

import { basename, dirname } from 'node:path';
import type { AgentSpec } from '../model/agent.ts';

/** Agents under names of their own: two files of one name are told apart by their folders, then by a number. */
export function nameApart(agents: readonly AgentSpec[]): AgentSpec[] {
  const isUnique = (names: readonly string[], name: string): boolean =>
    names.filter((other) => other === name).length === 1;
  const names = agents.map(({ name }) => name);
  const longer = agents.map(({ name, file }, index) =>
    isUnique(names, name) || file === null ? name : `${basename(dirname(file))}-${names[index]}`,
  );
  return agents.map((agent, index) => {
    const name = longer[index]!;
    const before = longer.slice(0, index).filter((other) => other === name).length;
    return { ...agent, name: before === 0 ? name : `${name}-${before + 1}` };
  });
}
