// `larsen completion SHELL`: a script that completes commands, options and names. It is made from the commands
// themselves, so that it can't lag behind them; names of scenarios and agents are asked for when they are needed.

import { Argument, type Command } from 'commander';
import type { Cli } from './context.ts';
import { createArgumentError } from './options.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;

const HELP = `
Examples:
  $ source <(larsen completion bash)
  $ larsen completion zsh > "\${fpath[1]}/_larsen"
  $ larsen completion fish > ~/.config/fish/completions/larsen.fish`;

/** Adds `completion`, and `names`, hidden, which its scripts ask. */
export function addCompletion(program: Command, cli: Cli): void {
  program
    .command('completion')
    .summary('print a completion script for a shell')
    .description('Prints a script that completes commands, options and names in bash, zsh or fish.')
    .addArgument(new Argument('<shell>', 'bash, zsh or fish'))
    .addHelpText('after', HELP)
    .action((shell: string) => {
      const words = listWords(program);
      if (shell === 'bash') cli.print(formatBash(words));
      else if (shell === 'zsh') cli.print(formatZsh(words));
      else if (shell === 'fish') cli.print(formatFish(words));
      else throw createArgumentError(`completion: expected ${SHELLS.join(', ')}, got ${JSON.stringify(shell)}`);
    });
  program
    .command('names', { hidden: true })
    .description('Prints the names of scenarios or agents, one a line.')
    .argument('<kind>', 'scenarios or agents')
    .action(async (kind: string) => {
      const { catalogue } = await cli.openWorkspace(null);
      const entries = kind === 'agents' ? catalogue.agents() : catalogue.scenarios();
      cli.print(entries.map(({ id }) => `${id}\n`).join(''));
    });
}

/** What can stand behind a command. */
interface CommandWords {
  name: string;
  summary: string;
  options: { flag: string; description: string }[];
  /** Whose names its arguments are; null: files. */
  names: 'scenarios' | 'agents' | null;
}

/** Commands that take names in place of files. */
const NAMED: Record<string, CommandWords['names']> = { run: 'scenarios', validate: 'scenarios', compare: 'agents' };

function listWords(program: Command): CommandWords[] {
  const help = program.createHelp();
  return help.visibleCommands(program).map((command) => ({
    name: command.name(),
    summary: command.summary() || command.description(),
    options: command.options.map(({ long, description }) => ({ flag: long ?? '', description })),
    names: NAMED[command.name()] ?? null,
  }));
}

/** The last option that takes names decides what is completed: `--agent a b` goes on with agents. */
function formatBash(words: CommandWords[]): string {
  const cases = words.map(
    ({ name, options, names }) =>
      `    ${name}) flags="${options.map(({ flag }) => flag).join(' ')}"; kind="${names ?? ''}" ;;`,
  );
  return `# larsen completion for bash
_larsen() {
  local current="\${COMP_WORDS[COMP_CWORD]}" command="\${COMP_WORDS[1]}" flags="" kind="" word
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${words.map(({ name }) => name).join(' ')}" -- "$current"))
    return
  fi
  case "$command" in
${cases.join('\n')}
  esac
  if [[ "$current" == -* ]]; then
    COMPREPLY=($(compgen -W "$flags" -- "$current"))
    return
  fi
  for word in "\${COMP_WORDS[@]:2:COMP_CWORD-2}"; do
    case "$word" in
      --agent) kind="agents" ;;
      --scenario) kind="scenarios" ;;
      --*) kind="" ;;
    esac
  done
  if [ -n "$kind" ]; then
    COMPREPLY=($(compgen -W "$(larsen names "$kind" 2>/dev/null)" -- "$current") $(compgen -f -- "$current"))
  else
    COMPREPLY=($(compgen -f -- "$current"))
  fi
}
complete -o filenames -F _larsen larsen
`;
}

function formatZsh(words: CommandWords[]): string {
  const commands = words.map(({ name, summary }) => `    ${quote(`${name}:${summary}`)}`);
  const cases = words.map(({ name, options, names }) => {
    const flags = options.map(({ flag }) => quote(flag)).join(' ');
    return `    ${name}) flags=(${flags}); kind="${names ?? ''}" ;;`;
  });
  return `#compdef larsen
_larsen() {
  local -a commands flags found
  local kind="" word
  commands=(
${commands.join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe 'command' commands
    return
  fi
  case "$words[2]" in
${cases.join('\n')}
  esac
  if [[ "$PREFIX" == -* ]]; then
    compadd -a flags
    return
  fi
  for word in $words[3,CURRENT-1]; do
    case "$word" in
      --agent) kind="agents" ;;
      --scenario) kind="scenarios" ;;
      --*) kind="" ;;
    esac
  done
  if [[ -n "$kind" ]]; then
    found=(\${(f)"$(larsen names $kind 2>/dev/null)"})
    compadd -a found
  fi
  _files
}
if [ "$funcstack[1]" = "_larsen" ]; then _larsen "$@"; else compdef _larsen larsen; fi
`;
}

function formatFish(words: CommandWords[]): string {
  const lines = words.flatMap(({ name, summary, options, names }) => [
    `complete -c larsen -n __fish_use_subcommand -f -a ${name} -d ${quote(summary)}`,
    ...options.map(
      ({ flag, description }) =>
        `complete -c larsen -n '__fish_seen_subcommand_from ${name}' -l ${flag.slice(2)} -d ${quote(description)}${flag === '--agent' ? " -x -a '(larsen names agents 2>/dev/null)'" : flag === '--scenario' ? " -x -a '(larsen names scenarios 2>/dev/null)'" : ''}`,
    ),
    ...(names
      ? [`complete -c larsen -n '__fish_seen_subcommand_from ${name}' -a '(larsen names ${names} 2>/dev/null)'`]
      : []),
  ]);
  return `# larsen completion for fish\n${lines.join('\n')}\n`;
}

/** A single-quoted word of any of these shells. */
function quote(text: string): string {
  return `'${text.replaceAll("'", '’')}'`;
}
