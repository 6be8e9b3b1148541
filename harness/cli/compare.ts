// `larsen compare`: the same scenarios over several agents, interleaved, and which of them is better at what.

import { type Command, Option } from 'commander';
import type { RunOptions } from '../model/run-options.ts';
import type { Cli } from './context.ts';
import {
  collect,
  composeOption,
  configOption,
  createArgumentError,
  daemonJsonOption,
  engineOption,
  failOnOption,
  outOption,
  profileOption,
  readInteger,
  retryUnknownOption,
  serviceOption,
} from './options.ts';
import { readOptions } from './run.ts';

/** Four judged runs of each agent are the fewest that can show a difference at 5 %; the fifth pays for many measures. */
const REPEATS_DEFAULT = 5;

const HELP = `
Each repeat runs every agent once with the same seed, in random order. A difference is named only where the repeats
show it: fewer than four of each agent cannot. Written beside the results: compare.html, compare.md, comparison.json.

Examples:
  $ larsen compare before.yaml after.yaml
  $ larsen compare a.yaml b.yaml c.yaml --scenario viral-video refused-batch --repeat 8
  $ larsen compare fluentd-2019 larsen-agent --scenario founding-outage --profile quick

Exit status: 0 valid, 1 invalid, 2 unknown, over all runs together.`;

/** Adds `compare`. */
export function addCompare(program: Command, cli: Cli): void {
  program
    .command('compare')
    .summary('run scenarios over several agents and compare them')
    .description(
      'Runs the same scenarios over several agents, interleaved, and tells who loses, stalls and costs less.',
    )
    .argument('<agent...>', 'two agents or more, by name or path')
    .addOption(
      new Option(
        '--scenario <scenario...>',
        'scenarios, by name or path (default: those of the default suite)',
      ).argParser(collect),
    )
    .addOption(engineOption())
    .addOption(
      new Option('--seed <n>', 'seed of load, faults and order (default: a new one, printed)').argParser(
        readInteger(0),
      ),
    )
    .addOption(
      new Option('--repeat <n>', 'runs of each scenario and agent').argParser(readInteger(1)).default(REPEATS_DEFAULT),
    )
    .addOption(outOption())
    .addOption(profileOption())
    .addOption(failOnOption())
    .addOption(retryUnknownOption())
    .addOption(new Option('--keep', 'keep the private folders of the runs'))
    .addOption(new Option('--json', 'print the comparison as JSON on stdout, and nothing else there'))
    .addOption(new Option('--quiet', 'print the outcome only, no progress'))
    .addOption(daemonJsonOption())
    .addOption(composeOption())
    .addOption(serviceOption())
    .addOption(configOption())
    .addHelpText('after', HELP)
    .action(async (agents: string[], flags: CompareFlags) => {
      if (agents.length < 2) throw createArgumentError('compare: name two agents or more, to tell them apart');
      const options = readOptions(flags.scenario ?? [], { ...flags, agent: agents }, cli);
      const { compareAll } = await import('../run/compare/compare-all.ts');
      const { comparison, exitCode } = await compareAll(options);
      if (options.json) cli.print(`${JSON.stringify(comparison, null, 2)}\n`);
      cli.exit(exitCode);
    });
}

type CompareFlags = Omit<Parameters<typeof readOptions>[1], 'agent' | 'only'> & {
  scenario?: string[];
  failOn: RunOptions['failOn'];
};
