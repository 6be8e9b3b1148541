// `larsen check`: judges a recorded run again with today's checkers and limits. Nothing is run again.

import { type Command, Option } from 'commander';
import type { CheckOptions } from '../model/run-options.ts';
import type { Cli } from './context.ts';
import { collect, configOption, failOnOption, jsonOption } from './options.ts';

const HELP = `
Example:
  $ larsen check reports/runs/2026-11-22T14-21-spike-past-grpc-limit

Exit status: 0 valid, 1 invalid, 2 unknown.`;

/** Adds `check`. */
export function addCheck(program: Command, cli: Cli): void {
  program
    .command('check')
    .summary('judge a recorded run again')
    .description('Judges a recorded run again with today’s checkers and limits; nothing is run again.')
    .argument('<run>', 'folder of the run')
    .addOption(new Option('--only <checker...>', 'judge by these checkers only').argParser(collect))
    .addOption(failOnOption())
    .addOption(jsonOption())
    .addOption(new Option('--quiet', 'print the outcome only'))
    .addOption(configOption())
    .addHelpText('after', HELP)
    .action(async (folder: string, flags: CheckFlags) => {
      const options: CheckOptions = {
        only: flags.only ?? [],
        failOn: flags.failOn,
        json: flags.json === true,
        quiet: flags.quiet === true,
        configFile: flags.config ?? null,
      };
      const { checkRun } = await import('../run/check-run.ts');
      const { result, exitCode } = await checkRun(folder, options);
      if (options.json) cli.print(`${JSON.stringify(result, null, 2)}\n`);
      cli.exit(exitCode);
    });
}

interface CheckFlags {
  only?: string[];
  failOn: CheckOptions['failOn'];
  json?: true;
  quiet?: true;
  config?: string;
}
