// `larsen report`: writes the reports of a recorded run or call again, or prints one of them.

import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import type { Cli } from './context.ts';
import { configOption, readWord } from './options.ts';

const HELP = `
Verdicts stay as they were; \`larsen check\` judges again.

Examples:
  $ larsen report reports/runs/2026-11-22T14-21-default
  $ larsen report larsen-report --print markdown >> "$GITHUB_STEP_SUMMARY"`;

/** Adds `report`. */
export function addReport(program: Command, cli: Cli): void {
  program
    .command('report')
    .summary('write the reports of recorded runs again')
    .description('Writes HTML, Markdown, JUnit and JSON of a folder of results anew, or prints one of them.')
    .argument('<folder>', 'folder of a run, of a call or of a comparison')
    .addOption(
      new Option('--print <format>', 'print it and write nothing: markdown, junit, json or github').argParser(
        readWord('markdown', 'junit', 'json', 'github'),
      ),
    )
    .addOption(configOption())
    .addHelpText('after', HELP)
    .action(async (folder: string, { print, config }: { print?: PrintedFormat; config?: string }) => {
      const path = resolve(cli.cwd, folder);
      if (print !== undefined) {
        const { formatFolder } = await import('../run/print-report.ts');
        cli.print(formatFolder(path, print));
        return;
      }
      const { renderAgain } = await import('../run/render-again.ts');
      for (const file of await renderAgain(path, config ?? null)) cli.print(`written  ${file}\n`);
    });
}

type PrintedFormat = 'markdown' | 'junit' | 'json' | 'github';
