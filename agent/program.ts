// The program `larsen-agent`: arguments, signals, exit. The only file that touches the real clock, network and streams.
// The build puts it into one CommonJS file, which main.ts starts; so nothing is awaited at its top.
//
// Exit codes: 0 all delivered, 1 something had to be abandoned at the stop, 254 arguments, config or addresses that
// cannot be used, 255 a fault of the agent.

import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { parseArgs } from 'node:util';
import { createConfigJsonSchema } from './config/json-schema.ts';
import type { NamedConfig } from './config/schema.ts';
import {
  type Agent,
  type AgentConfig,
  AgentError,
  createAgent,
  dryRun,
  parseConfig,
  replayDeadLetters,
} from './index.ts';
import { createRealPorts } from './real/ports.ts';

const USAGE = `usage: larsen-agent --config FILE
       larsen-agent check --config FILE
       larsen-agent --config FILE --dry-run [SAMPLES]
       larsen-agent replay-dead-letters --config FILE
       larsen-agent schema

Forwards log records from Docker's fluentd log driver to Loki. replay-dead-letters sends what was given up once more.
schema prints the JSON Schema of the config, for editors.

  --config FILE   the config, YAML; \${NAME} and \${NAME:-default} are filled in from the environment
  --check         check the config and exit, as \`check\` does
  --dry-run       show what would be sent for the lines of SAMPLES, or of standard input
  --tag TAG       tag of these lines, sample unless given
  --name NAME     name of their container
  --help          show this
`;

void main();

async function main(): Promise<void> {
  try {
    const args = readArguments(process.argv.slice(2));
    if (args === 'help' || args === 'schema') {
      process.stdout.write(args === 'help' ? USAGE : createConfigJsonSchema());
      return;
    }
    const config = readConfig(args.config);
    if (args.command === 'dry-run') showDryRun(config, args);
    else if (args.command === 'check') process.stdout.write(`${args.config} is valid\n`);
    else if (args.command === 'replay-dead-letters') await replay(config);
    else await run(config, args.config);
  } catch (error) {
    fail(error);
  }
}

async function replay(config: AgentConfig): Promise<void> {
  const { read, sent, failed, unreadable } = await replayDeadLetters(config, createRealPorts());
  process.stdout.write(`read ${read}, sent ${sent}, failed ${failed}, unreadable ${unreadable} dead letters\n`);
  exitAfterLog(failed > 0 ? 1 : 0);
}

async function run(config: AgentConfig, file: string): Promise<void> {
  let agent: Agent | undefined;
  let signals = 0;
  const stop = (): void => void agent?.stop().then((summary) => exitAfterLog(summary.abandoned > 0 ? 1 : 0), fail);
  const onSignal = (signal: NodeJS.Signals): void => {
    signals++;
    // The second signal means now; 128 + number is what a shell makes of a signal.
    if (signals > 1) process.exit(signal === 'SIGINT' ? 130 : 143);
    stop();
  };
  // Before it listens: a signal that comes while it starts finds nothing that could be lost, and is answered afterwards.
  process.on('SIGHUP', () => agent?.reload(() => readConfig(file)));
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  process.on('uncaughtException', fail);
  process.on('unhandledRejection', fail);
  agent = await createAgent(withInstance(config), createRealPorts());
  if (signals > 0) stop();
}

/** The host's name is its instance unless the config tells another. */
function withInstance(config: AgentConfig): NamedConfig {
  return { ...config, labels: { ...config.labels, instance: config.labels.instance ?? hostname() } };
}

/** One line of JSON for each entry that would be sent, and for each line that would be dropped. */
function showDryRun(config: AgentConfig, { samples, tag, name }: Arguments): void {
  let bytes: Buffer;
  try {
    bytes = readFileSync(samples ?? 0);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'error';
    throw new AgentError('E_ARGUMENTS', `cannot read the samples ${samples}: ${code}; name a file of lines`, {
      cause: error,
    });
  }
  const lines = bytes.toString('latin1').replace(/\n$/, '').split('\n');
  const { clock, random } = createRealPorts();
  const options = { config: withInstance(config), tag, containerName: name, clock, random };
  for (const result of dryRun(
    lines.map((line) => Buffer.from(line, 'latin1')),
    options,
  ))
    process.stdout.write(`${JSON.stringify(result)}\n`);
}

interface Arguments {
  config: string;
  command: 'run' | 'check' | 'dry-run' | 'replay-dead-letters';
  samples: string | undefined;
  tag: string;
  name: string;
}

function isCommand(word: string): word is 'run' | 'check' | 'replay-dead-letters' {
  return ['run', 'check', 'replay-dead-letters'].includes(word);
}

function readArguments(args: string[]): 'help' | 'schema' | Arguments {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        'dry-run': { type: 'boolean' },
        tag: { type: 'string' },
        name: { type: 'string' },
        config: { type: 'string', short: 'c' },
        check: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    if (values.help) return 'help';
    if (positionals.length === 1 && positionals[0] === 'schema') return 'schema';
    if (values.config === undefined) throw new TypeError('`--config FILE` is missing');
    const { config, tag = 'sample', name = '' } = values;
    const [first, ...others] = positionals;
    if (values['dry-run'] && others.length === 0) return { config, command: 'dry-run', samples: first, tag, name };
    const command = values.check ? 'check' : (first ?? 'run');
    if (others.length > 0 || !isCommand(command)) throw new TypeError(`\`${positionals.join(' ')}\` is no command`);
    return { config, command, samples: undefined, tag, name };
  } catch (error) {
    throw new AgentError('E_ARGUMENTS', `${(error as Error).message}\n\n${USAGE}`, { cause: error });
  }
}

function readConfig(file: string): AgentConfig {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new AgentError(
      'E_CONFIG_READ',
      `cannot read the config ${file}: ${(error as NodeJS.ErrnoException).code ?? 'error'}; give its path with --config`,
      { cause: error },
    );
  }
  return parseConfig(text, { name: file, env: process.env });
}

/** Ends with the reason on standard error. A fault of the agent shows where, never what a record held. */
function fail(error: unknown): void {
  if (error instanceof AgentError) process.stderr.write(`larsen-agent: ${error.code}: ${error.message.trimEnd()}\n`);
  else
    process.stderr.write(
      `larsen-agent: E_INTERNAL: ${error instanceof Error ? `${error.name} at ${error.stack?.split('\n').slice(1, 6).join(' ')}` : 'unknown'}\n`,
    );
  exitAfterLog(error instanceof AgentError ? error.exitCode : 255);
}

/** Standard error may be a pipe that nobody reads: what is queued gets a moment, then the process ends. */
function exitAfterLog(code: number): void {
  process.exitCode = code;
  setTimeout(() => process.exit(code), 500).unref();
  process.stderr.write('', () => process.exit(code));
}
