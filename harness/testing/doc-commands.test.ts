// Every command shown in the docs is one that larsen has, with options that it has. Those that take minutes are brought to
// where a run would start, in a folder with the reader's files: names are found, files read, programs looked up.

import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createProcessContext } from '../cli/context.ts';
import { INIT_FILES } from '../cli/init-files.ts';
import { createProgram } from '../cli/main.ts';
import { readOptions, settleNames } from '../cli/run.ts';
import { loadRegistry } from '../engine/built-ins.ts';
import { openWorkspace } from '../plugin/workspace.ts';
import { planRuns } from '../run/plan-run.ts';
import { listPages, PROJECT_ROOT, readBlocks, readPage } from './doc-page.ts';

const PAGES = listPages();
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'larsen-reader-')));

const shown = (page: string, name: string): string =>
  readBlocks(readPage(page)).find(({ file, text }) => file === name || (name === 'daemon.json' && text[0] === '{'))!
    .text;

/** What the reader of the pages has in the current folder by then. */
const FILES: Record<string, string> = {
  ...INIT_FILES,
  'my-agent.yaml': shown('README.md', 'my-agent.yaml'),
  'larsen/agents/my-agent.yaml': shown('docs/getting-started.md', 'my-agent.yaml'),
  'fluent-bit.conf': '# the reader’s\n',
  'larsen/agents/fluent-bit.conf': '# the reader’s\n',
  'before.yaml': 'agent: larsen-agent\n',
  'after.yaml': 'agent: larsen-agent\n',
  'compose.yaml': shown('docs/larsen-agent.md', 'compose.yaml'),
  'etc/docker/daemon.json': shown('docs/larsen-agent.md', 'daemon.json'),
  'bin/fluent-bit': '#!/bin/sh\n',
};
const PATH = process.env.PATH;
for (const [file, text] of Object.entries(FILES)) {
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), text);
}
chmodSync(join(folder, 'bin/fluent-bit'), 0o755);
process.chdir(folder);
process.env.PATH = `${join(folder, 'bin')}:${PATH}`;
afterAll(() => {
  process.chdir(PROJECT_ROOT);
  process.env.PATH = PATH;
  rmSync(folder, { recursive: true });
});

/** Takes a command line as far as it goes without a run, and tells how many runs it asks for. Throws what is wrong. */
async function follow(line: string): Promise<number> {
  const [name = '', ...words] = line.replaceAll(' /etc/', ' etc/').split(/\s+/);
  // Options keep their values from call to call, so each line gets a program of its own.
  const { commands } = createProgram({ ...createProcessContext(), exit: () => undefined });
  const own = commands.find((known) => known.name() === name);
  if (!own) throw new Error(`${name} is no command`);
  const { operands, unknown } = own.parseOptions(words);
  if (unknown.length > 0) throw new Error(`${name} has no ${unknown.join(' ')}`);
  if (name !== 'run' && name !== 'compare') return 0;
  const { scenario = [], ...flags } = own.opts();
  const [scenarios, agents] = name === 'run' ? [operands, flags.agent] : [scenario as string[], operands];
  const open = (configFile: string | null) => openWorkspace({ configFile, cwd: folder, loadRegistry });
  const cli = { env: {}, openWorkspace: open };
  const options = await settleNames(readOptions(scenarios, { ...flags, agent: agents } as never, cli as never), cli);
  return planRuns(options, { workspace: await open(null), seed: 1, outDir: folder }).length;
}

function listCommands(page: string): string[] {
  const shell = readBlocks(page)
    .filter(({ language }) => language === 'sh')
    .map(({ text }) => text)
    .join('\n');
  return [...shell.matchAll(/(?:^|&& )\s*(?:npx )?larsen ([^\n#&|>]+)/gm)].map((match) => match[1]!.trim());
}

describe('the commands of the docs', () => {
  it.each(PAGES)('%s', async (page) => {
    for (const line of listCommands(readPage(page)))
      await expect(follow(line), line).resolves.toBeGreaterThanOrEqual(/^(run|compare)/.test(line) ? 1 : 0);
  });

  it('are found at all, and a wrong one is noticed', async () => {
    expect(PAGES.flatMap((page) => listCommands(readPage(page))).length).toBeGreaterThan(10);
    expect(await follow('run refused-batch spike-past-grpc-limit --agent before.yaml after.yaml')).toBe(4);
    expect(await follow('compare before.yaml after.yaml --repeat 2 --scenario viral-video')).toBe(4);
    await expect(follow('rnu x')).rejects.toThrow('rnu is no command');
    await expect(follow('run --sed 3')).rejects.toThrow('run has no --sed');
    await expect(follow('run no-such-scenario')).rejects.toThrow('There is no scenario');
    await expect(follow('compare fluentd-2019 no-such-agent')).rejects.toThrow('There is no agent');
    await expect(follow('run --compose compose.yaml --service wbe')).rejects.toThrow('wbe');
  });
});
