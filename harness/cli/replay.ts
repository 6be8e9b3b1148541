// `larsen replay`: runs a recorded run again, with its own seed, config, faults and versions.

import { type Command, Option } from 'commander';
import type { ReplayOptions } from '../model/run-options.ts';
import type { Cli } from './context.ts';
import { configOption, failOnOption, jsonOption } from './options.ts';

const HELP = `
Example:
  $ larsen replay reports/runs/2026-11-22T14-21-spike-past-grpc-limit

Exit status: 0 valid, 1 invalid, 2 unknown.`;

/** Adds `replay`. */
export function addReplay(program: Command, cli: Cli): void {
  program
    .command('replay')
    .summary('run a recorded run again')
    .description('Runs it again from its record: same seed, config, faults and versions.')
    .argument('<run>', 'folder of the run')
    .addOption(new Option('--out <dir>', 'folder for results (default: a new one in reports/runs/)'))
    .addOption(failOnOption())
    .addOption(new Option('--keep', 'keep the private folders of the run'))
    .addOption(jsonOption())
    .addOption(new Option('--quiet', 'print the outcome only, no progress'))
    .addOption(configOption())
    .addHelpText('after', HELP)
    .action(async (folder: string, flags: ReplayFlags) => {
      const options: ReplayOptions = {
        out: flags.out ?? null,
        failOn: flags.failOn,
        keep: flags.keep === true,
        json: flags.json === true,
        quiet: flags.quiet === true,
        configFile: flags.config ?? null,
      };
      const { replayRun } = await import('../run/replay-run.ts');
      const { result, exitCode } = await replayRun(folder, options);
      if (options.json) cli.print(`${JSON.stringify(result, null, 2)}\n`);
      cli.exit(exitCode);
    });
}

interface ReplayFlags {
  out?: string;
  failOn: ReplayOptions['failOn'];
  keep?: true;
  json?: true;
  quiet?: true;
  config?: string;
}
