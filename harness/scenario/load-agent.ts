// From a name to a typed agent: find the file, read it, parse it by the schema, fill in Docker's defaults, read the
// agent's own config. Everything that is wrong with a file is told at once, in one HarnessError.

import { readFileSync, statSync } from 'node:fs';
import { basename, dirname, extname, resolve } from 'node:path';
import { HarnessError } from '../core/errors.ts';
import type { AgentSpec, LineWrapper } from '../model/agent.ts';
import { agentSchema, type ParsedAgent } from './agent-schema.ts';
import type { Catalogue } from './catalogue.ts';
import { describeFile } from './describe-file.ts';
import { DRIVER_DEFAULTS, resolveDriver } from './driver-schema.ts';
import { mergeDriver } from './merge.ts';
import { createProblemsError, describeIssues, readAt } from './messages.ts';
import { type KeyPath, readDocument } from './read-document.ts';

const READY_WITHIN_MS = 10_000;
const DRAIN_WITHIN_MS = 15_000;
const CONFIG_BYTES_MAX = 4_194_304;

/** Loads an agent by name or path. Throws HarnessError E_AGENT_…, with every problem of the file. */
export function loadAgent(nameOrPath: string, { catalogue }: { catalogue: Catalogue }): AgentSpec {
  const { file } = catalogue.findAgent(nameOrPath);
  const { value, locate } = readDocument(file, 'AGENT');
  return parseAgent(value, { file, locate });
}

/** Parses a raw agent file that lies at `file`. */
export function parseAgent(
  raw: unknown,
  { file, locate = () => undefined }: { file: string; locate?(path: KeyPath): number | undefined },
): AgentSpec {
  const read = agentSchema.safeParse(raw);
  if (!read.success) {
    const problems = describeIssues(read.error.issues, { raw, schema: agentSchema });
    throw createProblemsError(problems, { code: 'E_AGENT_INVALID', file, locate, hint: describeHint(raw) });
  }
  return resolveAgent(read.data, resolve(file));
}

function resolveAgent(parsed: ParsedAgent, file: string): AgentSpec {
  const folder = dirname(file);
  const driver = mergeDriver(
    { ...DRIVER_DEFAULTS, name: parsed.driver?.name ?? 'fluentd' },
    parsed.driver ? resolveDriver(parsed.driver) : {},
  );
  const selfName = parsed.self?.driver ?? 'json-file';
  const selfSet = parsed.self ? resolveDriver(parsed.self) : {};
  const shared = selfName === driver.name ? driver : { ...DRIVER_DEFAULTS, docker: driver.docker };
  const configFile = parsed.config === undefined ? null : resolve(folder, parsed.config);
  const spec: AgentSpec = {
    name: parsed.name ?? basename(file, extname(file)),
    agent: parsed.agent,
    file,
    folder,
    configText: configFile === null ? null : readConfig(configFile, file),
    configFile,
    process: {
      command: parsed.process?.command ?? [],
      env: parsed.process?.env ?? {},
      readyWithinMs: parsed.process?.readyWithin ?? READY_WITHIN_MS,
      drainWithinMs: parsed.process?.drainWithin ?? DRAIN_WITHIN_MS,
    },
    image: parsed.image ?? null,
    driver,
    self: { ...mergeDriver(shared, selfSet), name: selfName },
    selfSet,
    line: resolveLine(parsed.line),
    health: parsed.health ?? null,
    metrics: parsed.metrics ?? null,
  };
  if (parsed.self !== undefined) spec.isSelfSet = true;
  if (parsed.admits !== undefined)
    spec.admits = { log: parsed.admits.log ?? null, deadLetters: parsed.admits.deadLetters ?? null };
  if (parsed.build !== undefined) spec.build = resolve(folder, parsed.build);
  return spec;
}

function readConfig(configFile: string, file: string): string {
  try {
    const stat = statSync(configFile);
    if (!stat.isFile()) throw new Error('it is not a regular file');
    if (stat.size > CONFIG_BYTES_MAX) throw new Error(`it is larger than ${CONFIG_BYTES_MAX} bytes`);
    return readFileSync(configFile, 'utf8');
  } catch (error) {
    const reason =
      (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : (error as Error).message;
    throw new HarnessError(
      'E_AGENT_CONFIG_MISSING',
      `${describeFile(file)} names the config ${describeFile(configFile)}, which can't be read: ${reason}. Correct \`config\`.`,
      { cause: error },
    );
  }
}

function resolveLine(line: ParsedAgent['line']): LineWrapper {
  if (line === undefined) return { kind: 'auto' };
  if (typeof line === 'string') return { kind: line };
  return 'json' in line ? { kind: 'json', key: line.json } : { kind: 'logfmt', key: line.logfmt };
}

function describeHint(raw: unknown): string | undefined {
  return readAt(raw, ['topology']) === undefined
    ? undefined
    : 'It looks like a scenario file. Scenarios are named without `--agent`.';
}
