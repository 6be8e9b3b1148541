// `larsen validate`: checks scenario, agent and config files without running anything.

import type { Command } from 'commander';
import { describeError, HarnessError } from '../core/errors.ts';
import { loadConfig } from '../plugin/load-config.ts';
import type { Workspace } from '../plugin/workspace.ts';
import { classifyFile } from '../scenario/classify-file.ts';
import { readSetUp } from '../scenario/docker-set-up.ts';
import { loadScenario } from '../scenario/load.ts';
import { loadAgent } from '../scenario/load-agent.ts';
import type { Cli } from './context.ts';
import {
  composeOption,
  configOption,
  daemonJsonOption,
  readSetUpFlags,
  type SetUpFlags,
  serviceOption,
} from './options.ts';

const HELP = `
Without a file it checks the whole catalogue: what comes with larsen and the folders of larsen.config.

Examples:
  $ larsen validate
  $ larsen validate ./my-scenario.yaml ./my-agent.yaml
  $ larsen validate --compose compose.yaml --service web

Exit status: 0 all is well, 254 something is wrong.`;

/** Adds `validate`. */
export function addValidate(program: Command, cli: Cli): void {
  program
    .command('validate')
    .summary('check files without running them')
    .description('Checks scenario, agent and config files and tells every problem at once.')
    .argument('[file...]', 'files or names')
    .addOption(daemonJsonOption())
    .addOption(composeOption())
    .addOption(serviceOption())
    .addOption(configOption())
    .addHelpText('after', HELP)
    .action(async (names: string[], { config, ...flags }: { config?: string } & SetUpFlags) => {
      const workspace = await cli.openWorkspace(config ?? null);
      const setUp = createSetUpCheck(flags, cli);
      const checks =
        setUp && names.length === 0
          ? [setUp]
          : [
              ...(setUp ? [setUp] : []),
              ...(names.length > 0
                ? names.map((name) => createCheck(name, workspace, cli.cwd))
                : createCatalogueChecks(workspace)),
            ];
      let wrongCount = 0;
      for (const check of checks) if (!(await passes(check, cli))) wrongCount++;
      cli.print(
        `${checks.length - wrongCount} of ${checks.length} ${checks.length === 1 ? 'file is' : 'files are'} valid\n`,
      );
      cli.exit(wrongCount === 0 ? 0 : 254);
    });
}

/** The log driver as it stands in the user's files, and what it means. */
function createSetUpCheck(flags: SetUpFlags, cli: Cli): FileCheck | null {
  const options = readSetUpFlags(flags);
  if (!options) return null;
  return {
    name: [flags.daemonJson, flags.compose].filter((file) => file !== undefined).join(' and '),
    run: () => {
      const { driver, options: logOpts } = readSetUp(options, cli.env)!;
      const words = Object.entries(logOpts).map(([key, value]) => `${key}=${value}`);
      cli.print(`       log driver ${[driver, ...words].join(' ')}\n`);
    },
  };
}

interface FileCheck {
  name: string;
  run(): unknown;
}

/** A file is checked as what it is: a config by its name, an agent by its keys, else a scenario. */
function createCheck(name: string, workspace: Workspace, cwd: string): FileCheck {
  if (/(^|\/)larsen\.config\.\w+$/.test(name)) return { name, run: () => loadConfig({ configFile: name, cwd }) };
  return {
    name,
    run: () => (isAgentName(name, workspace) ? checkAgent(name, workspace) : loadScenario(name, workspace)),
  };
}

function createCatalogueChecks(workspace: Workspace): FileCheck[] {
  const { catalogue } = workspace;
  return [
    ...catalogue.scenarios().map(({ id, file }) => ({ name: id, run: () => checkScenario(file, workspace) })),
    ...catalogue.agents().map(({ id, file }) => ({ name: id, run: () => checkAgent(file, workspace) })),
  ];
}

/** Of the catalogue's own scenarios the agents must be there too. */
function checkScenario(file: string, workspace: Workspace): void {
  const { agent, controls } = loadScenario(file, workspace);
  for (const name of [agent, ...controls.map((control) => control.agent)])
    if (name !== null) workspace.catalogue.findAgent(name);
}

function checkAgent(name: string, { catalogue }: Workspace): void {
  loadAgent(name, { catalogue });
}

function isAgentName(name: string, { catalogue }: Workspace): boolean {
  try {
    return classifyFile(catalogue.findScenario(name).file) === 'agent';
  } catch (error) {
    if (error instanceof HarnessError && error.code === 'E_SCENARIO_AMBIGUOUS') return false;
  }
  try {
    catalogue.findAgent(name);
    return true;
  } catch (error) {
    return error instanceof HarnessError && error.code === 'E_AGENT_AMBIGUOUS';
  }
}

async function passes({ name, run }: FileCheck, cli: Cli): Promise<boolean> {
  try {
    await run();
    cli.print(`ok     ${name}\n`);
    return true;
  } catch (error) {
    if (!(error instanceof HarnessError) || error.exitCode !== 254) throw error;
    cli.print(
      `wrong  ${name}\n${describeError(error.cause === undefined ? error : new Error(error.message)).replaceAll(/^/gm, '       ')}\n`,
    );
    return false;
  }
}
