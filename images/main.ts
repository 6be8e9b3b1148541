// `npm run images [-- NAME…]`: makes the images of the docker engine without any image registry, out of what is on
// this machine, Go modules and Debian packages by name. A site with a registry never needs it.

import { parseArgs } from 'node:util';
import { describeError, HarnessError } from '../harness/core/errors.ts';
import { openCache } from './cache.ts';
import { openDockerImages } from './docker-images.ts';
import { makeAll, orderRecipes } from './make.ts';
import { PACKAGE_DIR } from './package-dir.ts';
import { RECIPES } from './registry.ts';

const USAGE = `usage: npm run images [-- [--list] [NAME …]]

Makes what the docker engine needs and is not here yet, or what is named, with all it builds upon.
Results are kept by content hash in LARSEN_CACHE_DIR (default ~/.cache/larsen).

  --list   show what can be made
  --help   show this
`;

try {
  const { values, positionals } = parseArgs({
    options: { list: { type: 'boolean' }, help: { type: 'boolean' } },
    allowPositionals: true,
  });
  if (values.help) process.stdout.write(USAGE);
  else if (values.list) process.stdout.write(listRecipes());
  else await make(positionals);
} catch (error) {
  const code = error instanceof HarnessError ? ` (${error.code})` : '';
  process.stderr.write(`images: ${describeError(error)}${code}\n`);
  process.exitCode = error instanceof HarnessError ? 1 : 254;
}

async function make(names: readonly string[]): Promise<void> {
  const recipes = orderRecipes(RECIPES, names);
  const needsEngine = recipes.some(({ kind }) => kind === 'image');
  const images = needsEngine ? await openDockerImages() : null;
  const log = (text: string): void => void process.stdout.write(`${text}\n`);
  await makeAll(recipes, { images, cache: openCache(), packageDir: PACKAGE_DIR, log });
}

function listRecipes(): string {
  const rows = RECIPES.map(({ name, kind, optional, summary, ...rest }) => {
    const what = 'tag' in rest ? rest.tag : kind;
    return `${name.padEnd(14)} ${what.padEnd(24)} ${optional ? 'by name  ' : 'default  '} ${summary}`;
  });
  return `${rows.join('\n')}\n`;
}
