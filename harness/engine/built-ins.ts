// The registry of everything that is built in, with the parts of the user's plugins added. Processes that host a
// plugin's part make the same registry again from the same files.

import { checkers } from '../checker/registry.ts';
import { faults } from '../fault/registry.ts';
import { shapes } from '../load/shape/registry.ts';
import { loadPlugins } from '../plugin/load-plugins.ts';
import { createRegistry, type Registry } from '../plugin/registry.ts';
import { sinks } from '../sink/registry.ts';

/** Built-in parts and those of these plugin modules (absolute paths). Throws HarnessError E_PLUGIN_…. */
export async function loadRegistry(pluginFiles: string[]): Promise<Registry> {
  const registry = createRegistry({ faults, checkers, shapes, sinks });
  await loadPlugins(registry, pluginFiles);
  return registry;
}
