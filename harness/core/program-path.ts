// Where the compiled program of a part lies. Parts run in processes of their own as JavaScript; when the harness
// itself runs from its TypeScript sources (tests), the programs are those of the build in dist/.

import { existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Path of the program at `specifier` (`./main.js`), relative to the module whose `import.meta.url` is given. */
export function programPath(specifier: string, moduleUrl: string): string {
  const path = fileURLToPath(new URL(specifier, moduleUrl));
  if (existsSync(path)) return path;
  const root = packageRoot(dirname(path));
  return join(root, 'dist', relative(root, path));
}

function packageRoot(folder: string): string {
  return existsSync(join(folder, 'package.json')) || folder === dirname(folder) ? folder : packageRoot(dirname(folder));
}
