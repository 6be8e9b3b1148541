// Agents of other projects, run as a binary that is installed on this machine: by `process.command`, or by the usual
// name where that is on the PATH. They differ in a name and in how a config is handed over, so they are data.

import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { HarnessError } from '../core/errors.ts';
import type { AgentAdapter } from './adapter.ts';

/** Name in agent files, usual name of the binary, arguments. */
const INSTALLED = [
  { name: 'fluentd', binary: 'fluentd', arguments: ['-c', '{config}'] },
  { name: 'fluent-bit', binary: 'fluent-bit', arguments: ['-c', '{config}'] },
  { name: 'vector', binary: 'vector', arguments: ['--config', '{config}'] },
  { name: 'otelcol', binary: 'otelcol-contrib', arguments: ['--config', '{config}'] },
  { name: 'alloy', binary: 'alloy', arguments: ['run', '--storage.path={data}', '{config}'] },
] as const;

/** One adapter for each agent that is run as installed. */
export const installedAgents: AgentAdapter[] = INSTALLED.map(({ name, binary, arguments: given }) => ({
  name,
  defaultConfig: null,
  command: (spec) => {
    const path = findOnPath(binary, process.env.PATH ?? '');
    if (path !== null && spec.configText !== null) return [path, ...given];
    throw path === null ? noBinary(spec.name, { name, binary, given }) : noConfig(spec.name, name);
  },
  health: null,
  metrics: null,
}));

/** Absolute path of an executable file on a PATH, or null. */
export function findOnPath(binary: string, path: string): string | null {
  for (const folder of path.split(delimiter).filter((entry) => entry !== '')) {
    const file = join(folder, binary);
    try {
      accessSync(file, constants.X_OK);
      if (statSync(file).isFile()) return file;
    } catch {
      // Not here.
    }
  }
  return null;
}

function noBinary(
  agent: string,
  { name, binary, given }: { name: string; binary: string; given: readonly string[] },
): HarnessError {
  const command = [`/path/to/${binary}`, ...given].map((word) => JSON.stringify(word)).join(', ');
  return new HarnessError(
    'E_AGENT_BINARY',
    `Agent ${agent} needs ${name}, and no ${binary} was found on the PATH. Install it, or say where it is in the agent file: \`process: { command: [${command}] }\`.`,
  );
}

function noConfig(agent: string, name: string): HarnessError {
  return new HarnessError(
    'E_AGENT_CONFIG',
    `Agent ${agent} (${name}) has no config. Put \`config: ./file\` into its agent file.`,
  );
}
