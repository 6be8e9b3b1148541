// The command line: one program, one file per command. Exit status by contract: 0 valid, 1 invalid, 2 unknown, 254 bad
// arguments or files, 255 the harness broke.

import { Command, CommanderError } from 'commander';
import { describeError, HarnessError } from '../core/errors.ts';
import { readVersion } from '../scenario/package-root.ts';
import { addCheck } from './check.ts';
import { addClean } from './clean.ts';
import { addCompare } from './compare.ts';
import { addCompletion } from './completion.ts';
import { addConformance } from './conformance.ts';
import { type Cli, type CliContext, createProcessContext } from './context.ts';
import { addDoctor } from './doctor.ts';
import { addInit } from './init.ts';
import { addList } from './list.ts';
import { addReplay } from './replay.ts';
import { addReport } from './report.ts';
import { addRun } from './run.ts';
import { addPages, addSchema } from './schema.ts';
import { addValidate } from './validate.ts';

const HELP = `
Examples:
  $ larsen run                                     the default suite against the built-in agent
  $ larsen run viral-video --agent ./agent.yaml    one scenario against your agent
  $ larsen list                                    scenarios, agents, faults and checkers
  $ larsen init                                    first files of your own

Exit status: 0 valid, 1 invalid, 2 unknown, 254 bad arguments or files, 255 larsen itself broke.`;

/** Runs one call of the command line and resolves to its exit status. Never rejects. */
export async function main(args: readonly string[], context: CliContext = createProcessContext()): Promise<number> {
  let exitCode = 0;
  const exit = (code: number): void => {
    exitCode = code;
  };
  const cli: Cli = { ...context, exit };
  try {
    await createProgram(cli).parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    return reportError(error, cli);
  }
}

/** As the process: prints, sets its exit status and ends it once all is written. */
export async function runMain(args: readonly string[]): Promise<void> {
  const exitCode = await main(args);
  process.exitCode = exitCode;
  await Promise.all(
    [process.stdout, process.stderr].map((stream) => new Promise<void>((resolve) => stream.write('', () => resolve()))),
  );
  process.exit(exitCode);
}

/** The program with all its commands; it throws CommanderError in place of ending the process. */
export function createProgram(cli: Cli): Command {
  const program = new Command('larsen')
    .description('Proves, before a rollout, that a logging pipeline will not howl, freeze its apps or lose lines.')
    .version(readVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [command]', 'print help for a command')
    .addHelpText('after', HELP)
    .exitOverride()
    .configureHelp({ showGlobalOptions: false })
    .configureOutput({
      writeOut: cli.print,
      writeErr: cli.printError,
      outputError: (text, write) => write(text.replace(/^error: /, 'larsen: ')),
    })
    .showHelpAfterError('  (E_ARGUMENT_INVALID) `larsen --help` shows what there is.');
  const add = [
    addRun,
    addCompare,
    addConformance,
    addCheck,
    addReplay,
    addReport,
    addList,
    addValidate,
    addDoctor,
    addInit,
    addClean,
    addCompletion,
    addSchema,
    addPages,
  ];
  for (const addCommand of add) addCommand(program, cli);
  return program;
}

function reportError(error: unknown, cli: Cli): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 254;
  if (error instanceof HarnessError) {
    cli.printError(`larsen: ${describeHarnessError(error)}\n`);
    return error.exitCode;
  }
  cli.printError(
    `larsen: ${describeError(error)}\n  This is a defect of larsen (E_INTERNAL). Please report it with what you ran and these lines:\n`,
  );
  if (error instanceof Error) cli.printError(`${error.stack ?? ''}\n`);
  return 255;
}

/** Bad input is told by its message alone, which holds the remedy; a broken harness with its causes. */
function describeHarnessError(error: HarnessError): string {
  if (error.exitCode === 254) return `${error.message}\n  (${error.code})`;
  return `${describeError(error)}\n  larsen itself broke (${error.code}); \`larsen doctor\` shows what this machine lacks, docs/errors.md what the code means.`;
}
