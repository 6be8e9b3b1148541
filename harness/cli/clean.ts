// `larsen clean`: removes old results, the newest kept.

import { join, relative } from 'node:path';
import { type Command, Option } from 'commander';
import type { Cli } from './context.ts';
import { readInteger } from './options.ts';

const KEEP_DEFAULT = 20;

const HELP = `
Only folders below reports/runs/ that hold nothing but results of larsen are removed; any other is left and named.

Examples:
  $ larsen clean
  $ larsen clean --keep 5 --dry-run`;

/** Adds `clean`. */
export function addClean(program: Command, cli: Cli): void {
  program
    .command('clean')
    .summary('remove old results')
    .description('Removes old results below reports/runs/ and keeps the newest.')
    .addOption(new Option('--keep <n>', 'how many of the newest stay').argParser(readInteger(0)).default(KEEP_DEFAULT))
    .addOption(new Option('--dry-run', 'say what would be removed, and remove nothing'))
    .addHelpText('after', HELP)
    .action(async ({ keep, dryRun }: { keep: number; dryRun?: true }) => {
      const { cleanRuns } = await import('../run/clean-runs.ts');
      const root = join(cli.cwd, 'reports', 'runs');
      const { removed, kept, left } = cleanRuns(root, { keep, dryRun: dryRun === true, nowMs: Date.now() });
      const name = (folder: string): string => relative(cli.cwd, folder);
      for (const folder of removed) cli.print(`${dryRun ? 'would remove' : 'removed'}  ${name(folder)}\n`);
      for (const { folder, why } of left) cli.print(`left     ${name(folder)}: ${why}\n`);
      cli.print(
        `${removed.length} ${dryRun ? 'to remove' : 'removed'}, ${kept.length} kept, ${left.length} left alone\n`,
      );
    });
}
