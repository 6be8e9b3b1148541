// What makes the command line pleasant, over every command there is: help with examples that hold, `--quiet`,
// `NO_COLOR`, and `list --details`.

import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import type { Command } from 'commander';
import { afterAll, describe, expect, it } from 'vitest';
import type { RunTick } from '../model/reporter.ts';
import { createTerminalReporter } from '../report/terminal.ts';
import { detectTerminal } from '../report/terminal-paint.ts';
import { INVALID_RUN, resultOf, UNKNOWN_RUN, VALID_RUN } from '../testing/fixtures/report-results.ts';
import { createSyntheticRun } from '../testing/fixtures/report-run.ts';
import { createProcessContext } from './context.ts';
import { createProgram, main } from './main.ts';
import { readOptions } from './run.ts';

const cwd = realpathSync(mkdtempSync(join(tmpdir(), 'larsen-comfort-')));
afterAll(() => rmSync(cwd, { recursive: true }));

const program = createProgram({ ...createProcessContext(), exit: () => undefined });
const COMMANDS = program
  .createHelp()
  .visibleCommands(program)
  .filter((command) => command.name() !== 'help');

async function call(args: string[], context = createProcessContext()): Promise<{ code: number; out: string }> {
  let out = '';
  const print = (text: string): void => {
    out += text;
  };
  return { code: await main(args, { ...context, print, printError: print }), out };
}

describe('help', () => {
  const listExamples = (help: string): string[] =>
    [...help.matchAll(/^ {2}\$ (.*)$/gm)].map((match) => match[1]!.replace(/ {2,}.*$/, ''));
  /** Words of an example that look like options and are none of its command. */
  const findUnknownOptions = (command: Command, example: string): string[] =>
    [...example.matchAll(/(?<= )--?[a-z][\w-]*/g)]
      .map(([word]) => word)
      .filter((word) => !command.options.some(({ short, long }) => word === long || word === short));

  it('has commands to look at', () => {
    expect(COMMANDS.map((command) => command.name())).toEqual(expect.arrayContaining(['run', 'compare', 'doctor']));
    expect(COMMANDS.length).toBeGreaterThanOrEqual(11);
  });

  it.each(COMMANDS.map((command) => [command.name(), command] as const))(
    '%s: usage, a sentence, and examples of this very command with options that it has',
    async (name, command) => {
      const { code, out } = await call([name, '--help']);
      expect(code).toBe(0);
      expect(out).toMatch(new RegExp(`^Usage: larsen ${name}`));
      expect(command.description()).toMatch(/^[A-Z].*\.$/s);
      const examples = listExamples(out).filter((example) => example.includes(`larsen ${name}`));
      expect(examples.length).toBeGreaterThan(0);
      for (const example of examples) {
        const from = example.indexOf(`larsen ${name}`);
        const own = example.slice(from).split(/[|>)]/)[0]!;
        expect([example, findUnknownOptions(command, own)]).toEqual([example, []]);
      }
      expect((await call(['help', name])).out).toBe(out);
    },
  );

  it('notices an option that a command does not have', () => {
    const run = COMMANDS.find((command) => command.name() === 'run')!;
    expect(findUnknownOptions(run, 'larsen run x --sed 3 --quiet')).toEqual(['--sed']);
  });

  it.each(COMMANDS.map((command) => [command.name(), command] as const))('%s describes each option', (_, command) => {
    for (const option of command.options) expect([option.long, option.description]).not.toContain('');
  });
});

describe('the terminal of a run', () => {
  const { plan } = createSyntheticRun({ howls: false }).facts;
  const tick: RunTick = {
    ...{ sinceLoadStartMs: 5_000, loadMs: 60_000, dueLines: 10, writtenLines: 10, storedLines: 9 },
    ...{ pushes: 2, refused: 0, activeFaults: [] },
  };
  const result = resultOf([VALID_RUN, INVALID_RUN, UNKNOWN_RUN]);

  function write(env: Record<string, string>, quiet: boolean): { before: string; outcome: string } {
    const written: string[] = [];
    const stream = { isTTY: true, columns: 100, write: (text: string) => written.push(text) };
    const reporter = createTerminalReporter({ ...detectTerminal(stream, env), stream, quiet, nowMs: () => 0 });
    reporter.message('a message');
    reporter.runStarted(plan, 0, 1);
    reporter.phase('load');
    reporter.tick(tick);
    reporter.runEnded(VALID_RUN);
    const before = written.splice(0).join('');
    reporter.finished(result, { resultPath: 'r/result.json', reportPath: 'r/index.html' });
    return { before, outcome: written.join('') };
  }

  it('--quiet prints the outcome and nothing before it, the same as without', () => {
    const loud = write({}, false);
    const quiet = write({}, true);
    expect(loud.before).not.toBe('');
    expect(quiet).toEqual({ before: '', outcome: loud.outcome });
    expect(quiet.outcome).toContain('index.html');
    for (const reason of UNKNOWN_RUN.reasons) expect(quiet.outcome).toContain(reason.slice(0, 40));
  });

  it('--quiet is taken by each command that runs or judges', () => {
    const takers = COMMANDS.filter(({ options }) => options.some(({ long }) => long === '--quiet'));
    expect(takers.map((command) => command.name())).toEqual(['run', 'compare', 'check', 'replay']);
    const flags = { engine: 'process', repeat: 1, failOn: 'unknown' } as const;
    expect(readOptions([], { ...flags, quiet: true }, { env: {} }).quiet).toBe(true);
    expect(readOptions([], flags, { env: {} }).quiet).toBe(false);
  });

  it('NO_COLOR takes every colour away and no word', () => {
    const coloured = write({ FORCE_COLOR: '1' }, true).outcome;
    const plain = write({ NO_COLOR: '1', FORCE_COLOR: '1' }, true).outcome;
    expect(coloured).toContain('\u001b[');
    expect(plain).not.toContain('\u001b');
    expect(plain).toBe(stripVTControlCharacters(coloured));
    // What is redrawn in place still is; it has no colour either.
    expect(write({ NO_COLOR: '1' }, false).before.replaceAll('\u001b[2K', '')).not.toContain('\u001b');
  });
});

describe('list --details', () => {
  it('adds to each entry its file, and to scenarios what they are for; nothing else changes', async () => {
    writeFileSync(join(cwd, 'larsen.config.yaml'), 'scenarios: [ . ]\n');
    writeFileSync(
      join(cwd, 'mine.yaml'),
      `title: Mine\ndescription: What it is for.\ntopology: { apps: { q: { type: emitter } } }
load: [ { to: q, kind: lines, until: 1s, rate: [ { at: 0s, perSecond: 1 } ] } ]\n`,
    );
    const config = ['--config', join(cwd, 'larsen.config.yaml')];
    const lines = async (...args: string[]): Promise<string[]> =>
      (await call(['list', ...config, ...args])).out.split('\n');
    const [short, long] = [await lines(), await lines('--details')];
    const added = long.filter((line) => line.startsWith('        '));
    expect(long.filter((line) => !line.startsWith('        '))).toEqual(short);
    expect(added.map((line) => line.trim())).toEqual(
      expect.arrayContaining(['What it is for.', join(cwd, 'mine.yaml')]),
    );
    const listing = JSON.parse((await call(['list', ...config, '--json'])).out) as Record<
      'scenarios' | 'agents',
      { file: string }[]
    >;
    expect(listing.scenarios.length).toBeGreaterThan(10);
    for (const { file } of [...listing.scenarios, ...listing.agents])
      expect(added.map((line) => line.trim())).toContain(file);
  });
});
