// Finds and reads larsen.config.{mjs,ts,yaml}: in the working directory, or where `--config` says.

import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { HarnessError } from '../core/errors.ts';
import { type Config, configSchema } from '../scenario/config-schema.ts';
import { createProblemsError, describeIssues, type Problem } from '../scenario/messages.ts';
import { type ReadDocument, readDocument } from '../scenario/read-document.ts';
import { loadDefaultExport } from './load-module.ts';

const NAMES = ['larsen.config.mjs', 'larsen.config.ts', 'larsen.config.yaml'];

/** A larsen.config with absolute paths. */
export interface LoadedConfig extends Config {
  /** null: there is none, all is default. */
  file: string | null;
}

/** Reads the config at `configFile`, else the one in `cwd`, else none. Throws HarnessError E_CONFIG_…. */
export async function loadConfig({
  configFile,
  cwd = process.cwd(),
}: {
  configFile: string | null;
  cwd?: string;
}): Promise<LoadedConfig> {
  const file = configFile === null ? findConfig(cwd) : resolve(cwd, configFile);
  if (file === null) return { ...configSchema.parse({}), file };
  const { value, locate } = await readConfig(file);
  const parsed = configSchema.safeParse(value ?? {});
  if (!parsed.success)
    throw createConfigError(describeIssues(parsed.error.issues, { raw: value, schema: configSchema }), {
      file,
      locate,
    });
  const locatePath = (path: string): string => resolve(dirname(file), path);
  const { plugins, scenarios, agents } = parsed.data;
  return {
    ...parsed.data,
    plugins: plugins.map(locatePath),
    scenarios: scenarios.map(locatePath),
    agents: agents.map(locatePath),
    file,
  };
}

/** Tells problems of a config file. */
export function createConfigError(
  problems: Problem[],
  { file, locate }: { file: string; locate: ReadDocument['locate'] },
): HarnessError {
  return createProblemsError(problems, { code: 'E_CONFIG_INVALID', file, locate });
}

function findConfig(cwd: string): string | null {
  const found = NAMES.filter((name) => existsSync(join(cwd, name)));
  if (found.length > 1)
    throw new HarnessError(
      'E_CONFIG_AMBIGUOUS',
      `There are ${found.join(' and ')} in ${cwd}. Keep one, or choose with --config.`,
    );
  return found[0] === undefined ? null : join(cwd, found[0]);
}

async function readConfig(file: string): Promise<ReadDocument> {
  if (/\.(yaml|yml|json)$/.test(file)) return readDocument(file, 'CONFIG');
  if (!existsSync(file))
    throw new HarnessError('E_CONFIG_UNREADABLE', `${file} can't be read: there is no such file. Check --config.`);
  return { value: await loadDefaultExport(file, 'E_CONFIG_LOAD'), locate: () => undefined };
}
