// Makes an agent file ready to run: placeholders filled in, config written, environment made. To the letter of the
// contract, because strangers write agents from it alone.

import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { HarnessError } from '../core/errors.ts';
import type { AgentAdapter, AgentInput, PreparedAgent } from './adapter.ts';
import { describeRewrite } from './config-diff.ts';
import { type PlaceholderValues, replacePlaceholders, splitAddresses } from './placeholders.ts';

/** The harness's own IPC channel is none of the agent's business. */
const NOT_INHERITED = ['NODE_CHANNEL_FD', 'NODE_CHANNEL_SERIALIZATION_MODE'];

/** As `prepareAgent` of the registry, with the adapter found. */
export async function prepareWith(adapter: AgentAdapter, input: AgentInput): Promise<PreparedAgent> {
  const { spec } = input;
  const command = spec.process.command.length > 0 ? spec.process.command : adapter.command(spec);
  const configText = spec.configText ?? adapter.defaultConfig;
  const configName = basename(spec.configFile ?? `${adapter.name}.yaml`);
  const configPath = configText === null ? null : join(input.tempDir, configName);
  const values = placeholderValues(input, configPath);
  const fill = (text: string): string => replacePlaceholders(text, values);

  let configDiff = '';
  if (configText !== null && configPath !== null) {
    const rewritten = fill(configText);
    mkdirSync(input.tempDir, { recursive: true });
    writeFileSync(configPath, rewritten, { mode: 0o600 });
    configDiff = describeRewrite({ name: configName, before: configText, after: rewritten });
  }
  const filled = command.map(fill);
  if (!filled[0]) throw noCommand(adapter, spec.name);
  return {
    command: filled,
    env: agentEnvironment(input, fill),
    cwd: spec.folder,
    configPath,
    configDiff,
    health: fillOrNull(spec.health ?? adapter.health, fill),
    metrics: fillOrNull(spec.metrics ?? adapter.metrics, fill),
    deadLetters: fillOrNull(spec.admits?.deadLetters ?? null, fill),
  };
}

function placeholderValues(input: AgentInput, configPath: string | null): PlaceholderValues {
  return {
    forward: input.forwardUrl,
    sink: input.sinkUrl,
    data: input.dataDir,
    http: String(input.httpPort),
    shared: input.sharedDir,
    config: configPath ?? '',
    package: input.packageDir,
    ...splitAddresses({ forward: input.forwardUrl, sink: input.sinkUrl }),
  };
}

/** The harness's environment (PATH and the like), then the agent file's, then the addresses of this run. */
function agentEnvironment(input: AgentInput, fill: (text: string) => string): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined && !NOT_INHERITED.includes(name)) env[name] = value;
  }
  for (const [name, value] of Object.entries(input.spec.process.env)) env[name] = fill(value);
  return {
    ...env,
    LARSEN_FORWARD_URL: input.forwardUrl,
    LARSEN_SINK_URL: input.sinkUrl,
    LARSEN_DATA_DIR: input.dataDir,
    LARSEN_HTTP_PORT: String(input.httpPort),
    LARSEN_SHARED_DIR: input.sharedDir,
  };
}

function fillOrNull(text: string | null, fill: (text: string) => string): string | null {
  return text === null ? null : fill(text);
}

function noCommand(adapter: AgentAdapter, name: string): HarnessError {
  return new HarnessError(
    'E_AGENT_COMMAND',
    `Agent ${name} (${adapter.name}) has an empty command. Put \`process: { command: [program, argument] }\` into its file.`,
  );
}
