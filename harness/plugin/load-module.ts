// Loads a user's module, .mjs or .ts, from any folder. `import … from 'larsen'` in it gets the very objects of this
// process, so a plugin needs no node_modules of its own.

import { createJiti } from 'jiti';
import { HarnessError } from '../core/errors.ts';
import { larsen } from './api.ts';

/** The values of the package, as index.ts exports them, and the argument as the default: what a plugin may import. */
const LIBRARY = { ...larsen, larsen, HarnessError, default: larsen };

/** The default export of a module. Throws `code` with the reason when it can't be loaded or has none. */
export async function loadDefaultExport(file: string, code: 'E_PLUGIN_LOAD' | 'E_CONFIG_LOAD'): Promise<unknown> {
  const jiti = createJiti(import.meta.url, {
    fsCache: false,
    moduleCache: false,
    interopDefault: false,
    virtualModules: { larsen: LIBRARY },
  });
  let module: { default?: unknown };
  try {
    module = await jiti.import(file);
  } catch (error) {
    if (error instanceof HarnessError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new HarnessError(code, `${file} can't be loaded: ${reason}`, { cause: error });
  }
  if (module?.default === undefined)
    throw new HarnessError(code, `${file} has no default export. Add one: \`export default …\`.`);
  return module.default;
}
