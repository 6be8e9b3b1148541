import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { createProcessContext } from './context.ts';
import { createProgram, main } from './main.ts';

async function print(shell: string): Promise<string> {
  let out = '';
  const write = (text: string): void => {
    out += text;
  };
  const code = await main(['completion', shell], { ...createProcessContext(), print: write, printError: write });
  expect(code).toBe(shell === 'tcsh' ? 254 : 0);
  return out;
}

/** What bash would offer behind these words. */
async function complete(...words: string[]): Promise<string[]> {
  const script = `larsen() { printf 'spike/viral-video\\nagents/larsen-agent\\n'; }
${await print('bash')}
COMP_WORDS=(larsen ${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length}; _larsen; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout } = spawnSync('bash', ['-c', script], { encoding: 'utf8' });
  return stdout.split('\n').filter((line) => line !== '');
}

const program = createProgram({ ...createProcessContext(), exit: () => undefined });
const visible = program.createHelp().visibleCommands(program);

describe('larsen completion', () => {
  it.each(['bash', 'zsh', 'fish'])('%s knows every command and every option', async (shell) => {
    const script = await print(shell);
    for (const command of visible) {
      expect(script).toContain(command.name());
      for (const { long } of command.options)
        expect(script).toContain(shell === 'fish' ? `-l ${long!.slice(2)}` : long!);
    }
  });

  it.each(['bash', 'zsh', 'fish'])('%s takes the script', async (shell) => {
    const { error, status, stderr } = spawnSync(shell, ['-n'], { input: await print(shell), encoding: 'utf8' });
    if ((error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT') return;
    expect([status, stderr]).toEqual([0, '']);
  });

  it('completes commands, options of a command, and names', async () => {
    expect(await complete('comp')).toEqual(['compare', 'completion']);
    expect(await complete('run', '--re')).toEqual(['--repeat', '--retry-unknown']);
    expect(await complete('run', 'spike/')).toEqual(['spike/viral-video']);
    expect(await complete('run', '--agent', 'agents/l')).toContain('agents/larsen-agent');
  });

  it('refuses another shell', async () => {
    expect(await print('tcsh')).toContain('expected bash, zsh, fish, got "tcsh"');
  });
});
