// Loads plugins into a registry. A plugin is a module whose default export is `(larsen) => [ … ]`.

import { existsSync } from 'node:fs';
import { HarnessError } from '../core/errors.ts';
import { larsen } from './api.ts';
import { loadDefaultExport } from './load-module.ts';
import type { Registry } from './registry.ts';

/** Adds the parts of each plugin, in order. Files are absolute. Throws HarnessError E_PLUGIN_…. */
export async function loadPlugins(registry: Registry, files: readonly string[]): Promise<void> {
  for (const file of files) {
    for (const part of await loadParts(file)) registry.add(part, file);
    registry.pluginFiles.push(file);
  }
}

async function loadParts(file: string): Promise<unknown[]> {
  if (!/\.(mjs|ts)$/.test(file))
    throw new HarnessError('E_PLUGIN_LOAD', `${file}: a plugin is a module, .mjs or .ts. Rename it.`);
  if (!existsSync(file))
    throw new HarnessError('E_PLUGIN_LOAD', `There is no plugin ${file}. Correct \`plugins\` in larsen.config.`);
  const plugin = await loadDefaultExport(file, 'E_PLUGIN_LOAD');
  if (typeof plugin !== 'function')
    throw new HarnessError(
      'E_PLUGIN_LOAD',
      `${file}: expected the default export to be a function \`(larsen) => [ … ]\``,
    );
  const parts: unknown = await callPlugin(file, plugin as (api: typeof larsen) => unknown);
  if (!Array.isArray(parts))
    throw new HarnessError('E_PLUGIN_LOAD', `${file}: expected its function to return an array of parts`);
  return parts;
}

async function callPlugin(file: string, plugin: (api: typeof larsen) => unknown): Promise<unknown> {
  try {
    return await plugin(larsen);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const code = error instanceof HarnessError ? error.code : 'E_PLUGIN_LOAD';
    throw new HarnessError(code, `${file}: ${reason}`, { cause: error });
  }
}
