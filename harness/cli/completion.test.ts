import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createProcessContext } from './context.ts';
import { createProgram, main } from './main.ts';

const folder = mkdtempSync(join(tmpdir(), 'larsen-completion-'));
afterAll(() => rmSync(folder, { recursive: true }));
const isInstalled = (shell: string): boolean => spawnSync(shell, ['--version']).error === undefined;

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

  describe.each([
    ['bash', '-n'],
    ['zsh', '-n'],
    ['fish', '--no-execute'],
  ])('%s', (shell, flag) => {
    const parse = (text: string): [number | null, string] => {
      const file = join(folder, `larsen.${shell}`);
      writeFileSync(file, text);
      const { status, stderr } = spawnSync(shell, [flag, file], { encoding: 'utf8' });
      return [status, stderr];
    };

    it.skipIf(!isInstalled(shell))(`takes the script (needs ${shell})`, async () => {
      expect(parse(await print(shell))).toEqual([0, '']);
    });

    it.skipIf(!isInstalled(shell))(`would refuse a broken one (needs ${shell})`, async () => {
      const script = await print(shell);
      expect(parse(`${script}\nif true; "\n`)[0]).not.toBe(0);
    });
  });

  it.skipIf(!isInstalled('zsh'))('zsh has its function once the script is sourced (needs zsh)', async () => {
    const script = `compdef() { print "$@"; }\n${await print('zsh')}\nwhence -w _larsen`;
    const { stdout, stderr } = spawnSync('zsh', ['-f', '-c', script], { encoding: 'utf8' });
    expect([stdout, stderr]).toEqual(['_larsen larsen\n_larsen: function\n', '']);
  });

  it.skipIf(!isInstalled('fish'))('fish offers commands, options and names (needs fish)', async () => {
    const script = await print('fish');
    const offer = (line: string): string[] => {
      const ask = `function larsen; printf 'spike/viral-video\\n'; end\n${script}complete -C '${line}'`;
      const { stdout } = spawnSync('fish', ['--no-config', '-c', ask], {
        encoding: 'utf8',
        env: { ...process.env, HOME: folder },
      });
      return stdout.split('\n').map((text) => text.split('\t')[0]!);
    };
    expect(offer('larsen comp')).toEqual(expect.arrayContaining(['compare', 'completion']));
    expect(offer('larsen run --re')).toEqual(expect.arrayContaining(['--repeat', '--retry-unknown']));
    expect(offer('larsen run spike/')).toContain('spike/viral-video');
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
