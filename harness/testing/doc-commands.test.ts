// Every command shown in the docs is one that larsen has: the command, its options, and the scenarios and agents it names
// where these come with larsen.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createProcessContext } from '../cli/context.ts';
import { createProgram } from '../cli/main.ts';
import { parseAgent } from '../scenario/load-agent.ts';
import { parseText } from '../scenario/read-document.ts';
import { PROJECT_ROOT, readBlocks, readPage } from './doc-page.ts';

const PAGES = [
  'README.md',
  'reports/samples/README.md',
  ...readdirSync(join(PROJECT_ROOT, 'docs'))
    .filter((file) => file.endsWith('.md'))
    .map((file) => `docs/${file}`),
];
const program = createProgram({ ...createProcessContext(), exit: () => undefined });
const { catalogue } = await createProcessContext().openWorkspace(null);
/** Names that a page says the reader has. */
const OF_THE_READER = /[./]|^(first-spike|my-agent|RUN|FOLDER)$/;

/** What is wrong with a command line, or ''. */
function describeWrong(line: string): string {
  const [name = '', ...words] = line.split(/\s+/);
  const command = program.commands.find((known) => known.name() === name);
  if (!command) return `${name} is no command`;
  const flags = command.options.map(({ long }) => long);
  let kind = name === 'run' ? 'scenario' : name === 'compare' ? 'agent' : '';
  for (const word of words) {
    if (word.startsWith('--')) {
      if (!flags.includes(word)) return `${name} has no ${word}`;
      kind = word === '--agent' ? 'agent' : word === '--scenario' ? 'scenario' : '';
    } else if (kind !== '' && (!OF_THE_READER.test(word) || word.startsWith('agents/'))) {
      try {
        if (kind === 'agent') catalogue.findAgent(word);
        else catalogue.findScenario(word);
      } catch (error) {
        return (error as Error).message;
      }
    }
  }
  return '';
}

function listCommands(page: string): string[] {
  const shell = readBlocks(page)
    .filter(({ language }) => language === 'sh')
    .map(({ text }) => text)
    .join('\n');
  return [...shell.matchAll(/(?:^|&& )\s*(?:npx )?larsen ([^\n#&|>]+)/gm)].map((match) => match[1]!.trim());
}

describe('the commands of the docs', () => {
  it.each(PAGES)('%s', (page) => {
    const wrong = listCommands(readPage(page)).map((line) => [line, describeWrong(line)]);
    expect(wrong.filter(([, text]) => text !== '')).toEqual([]);
  });

  it('are found at all, and a wrong one is noticed', () => {
    expect(PAGES.flatMap((page) => listCommands(readPage(page))).length).toBeGreaterThan(10);
    expect(describeWrong('rnu x')).toBe('rnu is no command');
    expect(describeWrong('run --sed 3')).toBe('run has no --sed');
    expect(describeWrong('run no-such-scenario')).toContain('There is no scenario');
    expect(describeWrong('compare fluentd-2019 no-such-agent')).toContain('There is no agent');
  });
});

it('the agent file of the first page is valid', () => {
  const [agent] = readBlocks(readPage('docs/getting-started.md')).filter(({ file }) => file === 'my-agent.yaml');
  const { config: _config, ...raw } = parseText(agent!.text, { file: agent!.file, kind: 'AGENT' }).value as Record<
    string,
    unknown
  >;
  expect(parseAgent(raw, { file: agent!.file }).driver).toMatchObject({ docker: '20.10', async: true });
});
