// `larsen conformance forward`: what agents do with the Forward protocol, as a table.

import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { Argument, type Command, Option } from 'commander';
import { loadAgent } from '../scenario/load-agent.ts';
import type { Cli } from './context.ts';
import { collect, configOption, jsonOption, readInteger } from './options.ts';

const PATIENCE_SECONDS = 10;

const HELP = `
Each agent is started as its file says, in front of a sink that takes everything, and asked one thing after the other:
modes, times, acks, pieces of long lines, heartbeats, broken messages, a stalled output, a kill, unix and TCP.

Examples:
  $ larsen conformance forward
  $ larsen conformance forward --agent larsen-agent ./my-agent.yaml
  $ larsen conformance forward --agent ./my-agent.yaml --patience 30 --json

Exit status: 0 all that the protocol demands, 1 not all, 2 it could not be asked.`;

/** Adds `conformance`. */
export function addConformance(program: Command, cli: Cli): void {
  program
    .command('conformance')
    .summary('ask agents what they do with a protocol')
    .description('Tells what agents do with the Forward protocol: modes, acks, partials, trouble.')
    .addArgument(new Argument('<protocol>', 'the protocol').choices(['forward']))
    .addOption(new Option('--agent <agent...>', 'agents, by name or path (default: larsen-agent)').argParser(collect))
    .addOption(
      new Option('--patience <seconds>', 'how long a record may take; more than the agent’s flush interval')
        .argParser(readInteger(1))
        .default(PATIENCE_SECONDS),
    )
    .addOption(new Option('--logs <dir>', 'keep the agents’ own output in this folder'))
    .addOption(jsonOption())
    .addOption(configOption())
    .addHelpText('after', HELP)
    .action(async (_protocol: string, { agent, patience, logs, json, config }: Flags) => {
      const { catalogue } = await cli.openWorkspace(config ?? null);
      const specs = (agent ?? ['larsen-agent']).map((name) => loadAgent(name, { catalogue }));
      const { conformForward } = await import('../run/conformance/conform.ts');
      const { formatConformance } = await import('../run/conformance/format.ts');
      const answers = [];
      for (const spec of specs) {
        const logFolder = logs === undefined ? null : resolve(cli.cwd, logs, spec.name);
        if (logFolder !== null) mkdirSync(logFolder, { recursive: true });
        answers.push(await conformForward(spec, { patienceMs: patience * 1_000, logFolder }));
      }
      cli.print(json ? `${JSON.stringify(answers, null, 2)}\n` : formatConformance(answers));
      const verdicts = answers.map(({ verdict }) => verdict);
      cli.exit(verdicts.includes('invalid') ? 1 : verdicts.includes('unknown') ? 2 : 0);
    });
}

interface Flags {
  agent?: string[];
  patience: number;
  logs?: string;
  json?: true;
  config?: string;
}
