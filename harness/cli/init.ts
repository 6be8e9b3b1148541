// `larsen init`: writes a first agent file, scenario, larsen.config.yaml and CI workflow into the current folder.

import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Command, Option } from 'commander';
import { HarnessError } from '../core/errors.ts';
import type { Cli } from './context.ts';
import { INIT_FILES } from './init-files.ts';

const HELP = `
Example:
  $ larsen init && larsen run first-spike`;

/** Adds `init`. */
export function addInit(program: Command, cli: Cli): void {
  program
    .command('init')
    .summary('write first files of your own')
    .description('Writes a first agent file, scenario, larsen.config.yaml and GitHub workflow into this folder.')
    .addOption(new Option('--force', 'write over files that are there'))
    .addHelpText('after', HELP)
    .action(({ force }: { force?: true }) => {
      const present = Object.keys(INIT_FILES).filter((file) => existsSync(join(cli.cwd, file)));
      if (present.length > 0 && !force)
        throw new HarnessError(
          'E_ARGUMENT_EXISTS',
          `Nothing was written, since there is already: ${present.join(', ')}. \`larsen init --force\` writes over.`,
        );
      for (const [file, text] of Object.entries(INIT_FILES)) write(join(cli.cwd, file), text);
      cli.print(`Written: ${Object.keys(INIT_FILES).join(', ')}\n\nTry: larsen run first-spike\n`);
    });
}

function write(file: string, text: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  } catch (error) {
    throw new HarnessError('E_ARGUMENT_FOLDER', `${file} can't be written: ${(error as Error).message}`, {
      cause: error,
    });
  }
}
