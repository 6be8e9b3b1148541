// `larsen list`: everything that can be named: scenarios, agents, faults, checkers.

import { type Command, Option } from 'commander';
import { describeError } from '../core/errors.ts';
import { AVAILABLE_ENGINES } from '../model/run-options.ts';
import type { Scenario } from '../model/scenario.ts';
import type { Workspace } from '../plugin/workspace.ts';
import { FINDING_CLASSES } from '../scenario/finding-names.ts';
import { loadScenario } from '../scenario/load.ts';
import { loadAgent } from '../scenario/load-agent.ts';
import type { Cli } from './context.ts';
import { configOption } from './options.ts';

const HELP = `
Examples:
  $ larsen list
  $ larsen list --details
  $ larsen list --json`;

/** Adds `list`. */
export function addList(program: Command, cli: Cli): void {
  program
    .command('list')
    .summary('show scenarios, agents, faults and checkers')
    .description('Shows everything that can be named: scenarios, agents, faults and checkers.')
    .addOption(new Option('--details', 'descriptions, profiles and files too'))
    .addOption(new Option('--json', 'print as JSON'))
    .addOption(configOption())
    .addHelpText('after', HELP)
    .action(async ({ details, json, config }: { details?: true; json?: true; config?: string }) => {
      const listing = createListing(await cli.openWorkspace(config ?? null));
      cli.print(json ? `${JSON.stringify(listing, null, 2)}\n` : describeListing(listing, details === true));
    });
}

interface ListedScenario {
  id: string;
  file: string;
  title: string;
  suite: string | null;
  severity: string | null;
  engines: string[];
  description?: string;
  error?: string;
}

interface Listing {
  scenarios: ListedScenario[];
  agents: { id: string; file: string; agent: string | null; error?: string }[];
  faults: { name: string; hop: string; engines: string[] }[];
  checkers: { name: string; classes: string[] }[];
}

function createListing(workspace: Workspace): Listing {
  const { catalogue, registry } = workspace;
  return {
    scenarios: catalogue.scenarios().map(({ id, file }) => listScenario(id, file, workspace)),
    agents: catalogue.agents().map(({ id, file }) => {
      try {
        return { id, file, agent: loadAgent(file, { catalogue }).agent };
      } catch (error) {
        return { id, file, agent: null, error: describeError(error) };
      }
    }),
    faults: [...registry.faults.values()].map(({ name, hop, engines }) => ({ name, hop, engines })),
    checkers: [...registry.checkers.keys()].map((name) => ({ name, classes: [...(FINDING_CLASSES[name] ?? [])] })),
  };
}

function listScenario(id: string, file: string, workspace: Workspace): ListedScenario {
  try {
    const scenario = loadScenario(file, workspace);
    const { title, suite, severity, description } = scenario;
    return {
      id,
      file,
      title,
      suite,
      severity,
      engines: findEngines(scenario, workspace),
      ...(description === undefined ? {} : { description }),
    };
  } catch (error) {
    return { id, file, title: '', suite: null, severity: null, engines: [], error: describeError(error) };
  }
}

/** The engines of this version that can do every fault of the scenario. */
function findEngines({ faults }: Scenario, { registry }: Workspace): string[] {
  return AVAILABLE_ENGINES.filter((engine) =>
    faults.every(({ fault }) => registry.faults.get(fault)?.engines.includes(engine)),
  );
}

function describeListing({ scenarios, agents, faults, checkers }: Listing, withDetails: boolean): string {
  const details = (lines: (string | undefined)[]): string[] =>
    withDetails ? lines.filter((line) => line !== undefined).map((line) => `      ${line.trim()}`) : [];
  const sections: [string, string[]][] = [
    [
      'Scenarios',
      scenarios.flatMap(({ id, title, suite, engines, file, description, error }) => [
        row(
          [id, 34],
          [suite ?? '-', 10],
          [engines.join(',') || '-', 10],
          [error === undefined ? title : 'broken: `larsen validate` says why'],
        ),
        ...details([description, file]),
      ]),
    ],
    [
      'Agents',
      agents.flatMap(({ id, agent, file, error }) => [
        row([id, 46], [error === undefined ? (agent ?? '') : 'broken: `larsen validate` says why']),
        ...details([file]),
      ]),
    ],
    ['Faults', faults.map(({ name, hop, engines }) => row([name, 34], [hop, 10], [engines.join(',')]))],
    ['Checkers', checkers.map(({ name, classes }) => row([name, 34], [classes.join(' ')]))],
  ];
  const heads: Record<string, string> = {
    Scenarios: row(['Scenarios', 36], ['suite', 10], ['engines', 10], ['title']).trim(),
  };
  return sections
    .map(([name, lines]) => `${heads[name] ?? name}\n${lines.map((line) => `  ${line}`.trimEnd()).join('\n')}\n`)
    .join('\n');
}

function row(...cells: [text: string, width?: number][]): string {
  return cells
    .map(([text, width = 0]) => (text.length < width ? text.padEnd(width) : `${text} `))
    .join('')
    .trimEnd();
}
