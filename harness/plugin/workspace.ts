// What a command works with: the user's config, the parts that can be named (built in and from plugins), and the
// catalogue of scenarios and agents.

import type { PartRegistry } from '../model/engine.ts';
import { type Catalogue, createCatalogue } from '../scenario/catalogue.ts';
import { checkFindingName } from '../scenario/finding-names.ts';
import { createConfigError, type LoadedConfig, loadConfig } from './load-config.ts';

/** Config, registry and catalogue of one call. */
export interface Workspace {
  config: LoadedConfig;
  registry: PartRegistry;
  catalogue: Catalogue;
}

/** How a workspace is opened. */
export interface WorkspaceOptions {
  /** `--config`; null: the larsen.config in `cwd`, if any. */
  configFile: string | null;
  /** Default: the working directory. */
  cwd?: string;
  /** Makes the registry of the built-in parts and of these plugins (absolute paths). */
  loadRegistry(pluginFiles: string[]): Promise<PartRegistry>;
}

/** Opens the workspace of `cwd`. Throws HarnessError E_CONFIG_… or E_PLUGIN_…. */
export async function openWorkspace({
  configFile,
  cwd = process.cwd(),
  loadRegistry,
}: WorkspaceOptions): Promise<Workspace> {
  const config = await loadConfig({ configFile, cwd });
  const registry = await loadRegistry(config.plugins);
  checkAccepted(config, registry);
  const catalogue = createCatalogue({ scenarioFolders: config.scenarios, agentFolders: config.agents, cwd });
  return { config, registry, catalogue };
}

function checkAccepted({ accept, file }: LoadedConfig, registry: PartRegistry): void {
  const problems = accept.flatMap(({ finding }, index) => {
    const text = checkFindingName(finding, [...registry.checkers.keys()]);
    return text === undefined ? [] : [{ path: ['accept', index, 'finding'], text }];
  });
  if (problems.length > 0)
    throw createConfigError(problems, { file: file ?? 'larsen.config', locate: () => undefined });
}
