// `larsen run`: reads and checks the arguments of a run and hands them to run/.

import { type Command, Option } from 'commander';
import type { RunOptions } from '../model/run-options.ts';
import type { Workspace } from '../plugin/workspace.ts';
import { classifyFile } from '../scenario/classify-file.ts';
import { describeUnknownName } from '../scenario/nearest.ts';
import type { Cli } from './context.ts';
import {
  collect,
  composeOption,
  configOption,
  createArgumentError,
  daemonJsonOption,
  engineOption,
  failOnOption,
  jsonOption,
  outOption,
  profileOption,
  readInteger,
  readSetUpFlags,
  retryUnknownOption,
  type SetUpFlags,
  serviceOption,
} from './options.ts';

const HELP = `
Without a scenario it runs those with \`suite: default\`. A scenario or agent is named by its path, its name in
\`larsen list\`, or the last part of that name.

Examples:
  $ larsen run
  $ larsen run viral-video sink-outage --agent ./my-agent.yaml
  $ larsen run founding-outage --seed 7 --out /tmp/outage
  $ larsen run --compose compose.yaml --service web --agent ./my-agent.yaml
  $ larsen run --agent a.yaml b.yaml --json > result.json

Exit status: 0 valid, 1 invalid, 2 unknown.`;

/** Adds `run`. */
export function addRun(program: Command, cli: Cli): void {
  program
    .command('run')
    .summary('run scenarios and judge them')
    .description('Runs scenarios against agents and says for each: valid, invalid (with findings) or unknown.')
    .argument('[scenario...]', 'scenarios, by name or path')
    .addOption(
      new Option(
        '--agent <agent...>',
        'agents, by name or path (default: the scenario’s own, else larsen-agent)',
      ).argParser(collect),
    )
    .addOption(engineOption())
    .addOption(
      new Option('--seed <n>', 'seed of load and faults (default: a new one, printed)').argParser(readInteger(0)),
    )
    .addOption(new Option('--repeat <n>', 'runs of each scenario and agent').argParser(readInteger(1)).default(1))
    .addOption(outOption())
    .addOption(profileOption())
    .addOption(new Option('--only <checker...>', 'judge by these checkers only').argParser(collect))
    .addOption(failOnOption())
    .addOption(retryUnknownOption())
    .addOption(new Option('--keep', 'keep the private folders of the run'))
    .addOption(jsonOption())
    .addOption(new Option('--quiet', 'print the outcome only, no progress'))
    .addOption(daemonJsonOption())
    .addOption(composeOption())
    .addOption(serviceOption())
    .addOption(configOption())
    .addHelpText('after', HELP)
    .action(async (scenarios: string[], flags: RunFlags) => {
      const options = await settleNames(readOptions(scenarios, flags, cli), cli);
      const { runAll } = await import('../run/run-all.ts');
      const { result, exitCode } = await runAll(options);
      if (options.json) cli.print(`${JSON.stringify(result, null, 2)}\n`);
      cli.exit(exitCode);
    });
}

interface RunFlags extends SetUpFlags {
  agent?: string[];
  engine: RunOptions['engine'];
  seed?: number;
  repeat: number;
  out?: string;
  profile?: string;
  only?: string[];
  failOn: RunOptions['failOn'];
  retryUnknown?: number;
  keep?: true;
  json?: true;
  quiet?: true;
  config?: string;
}

/** The options of a run by its flags; names are as given. */
export function readOptions(scenarios: string[], flags: RunFlags, { env }: Pick<Cli, 'env'>): RunOptions {
  const setUp = readSetUpFlags(flags);
  return {
    ...(setUp ? { setUp } : {}),
    scenarios,
    agents: flags.agent ?? [],
    engine: flags.engine,
    seed: flags.seed ?? null,
    repeat: flags.repeat,
    out: flags.out ?? null,
    profile: flags.profile ?? null,
    only: flags.only ?? [],
    failOn: flags.failOn,
    retryUnknown: flags.retryUnknown ?? (env.CI === 'true' ? 1 : 0),
    keep: flags.keep === true,
    json: flags.json === true,
    quiet: flags.quiet === true,
    configFile: flags.config ?? null,
  };
}

/**
 * `--agent` and `--only` take several values, so in `run --agent a.yaml viral-video` the scenario lands among the agents.
 * What names a scenario and no agent (or checker) is taken for the scenario it is, unless it stands first there.
 */
export async function settleNames(options: RunOptions, cli: Pick<Cli, 'openWorkspace'>): Promise<RunOptions> {
  if (options.agents.length < 2 && options.only.length === 0) return options;
  const workspace = await cli.openWorkspace(options.configFile);
  const checkers = [...workspace.registry.checkers.keys()];
  const strayAgents = options.agents
    .slice(1)
    .filter((name) => !isAgent(name, workspace) && isScenario(name, workspace));
  const strayCheckers = options.only.slice(1).filter((name) => !checkers.includes(name) && isScenario(name, workspace));
  const only = options.only.filter((name) => !strayCheckers.includes(name));
  const unknown = only.find((name) => !checkers.includes(name));
  if (unknown !== undefined)
    throw createArgumentError(`--only: ${describeUnknownName(unknown, { what: 'checker', known: checkers })}`);
  return {
    ...options,
    scenarios: [...options.scenarios, ...strayAgents, ...strayCheckers],
    agents: options.agents.filter((name) => !strayAgents.includes(name)),
    only,
  };
}

function isAgent(name: string, { catalogue }: Workspace): boolean {
  return succeeds(() => classifyFile(catalogue.findAgent(name).file) !== 'scenario');
}

function isScenario(name: string, { catalogue }: Workspace): boolean {
  return succeeds(() => classifyFile(catalogue.findScenario(name).file) === 'scenario');
}

function succeeds(attempt: () => boolean): boolean {
  try {
    return attempt();
  } catch {
    return false;
  }
}
